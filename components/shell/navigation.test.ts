import { expect, test } from 'vitest';
import { crumbsOf, currentPage } from './navigation';

test('the longest page that contains the path is the current one', () => {
  expect(currentPage('/health/quarantine')?.name).toBe('Quarantine');
  expect(currentPage('/health')?.name).toBe('Health');
  expect(currentPage('/settings/prices')?.name).toBe('Settings');
  expect(currentPage('/healthy')).toBeUndefined();
});

test('breadcrumbs go from the outermost page to this one', () => {
  expect(crumbsOf('/health/quarantine').map(({ name }) => name)).toEqual(['Health', 'Quarantine']);
  expect(crumbsOf('/inventory').map(({ name }) => name)).toEqual(['Inventory']);
});
