import { expect, test } from 'vitest';
import { crumbsOf, currentPage } from './navigation';
import { navigationFor } from './navigation-for';

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

test('what a role may not see is absent', () => {
  const names = (roles: Parameters<typeof navigationFor>[0]) =>
    navigationFor(roles).flatMap(({ pages }) => pages.map(({ name }) => name));
  expect(names(['admin'])).toEqual(expect.arrayContaining(['Notices', 'Deliveries']));
  expect(names(['viewer'])).toContain('Notices');
  expect(names(['viewer'])).not.toContain('Deliveries');
  expect(names(['viewer', 'admin'])).toEqual(names(['admin']));
});
