import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideDefinition } from '@/lib/resources/definitions/mutations';
import { createOffering, idOf, type Offering, reason } from '../support/offering';
import { listControl } from '../support/organisation';
import { actorOf, nobodyOf, scopeOf } from '../support/people';

let world: Offering;
let owner: Offering['owner'];
let reader: Offering['reader'];
let client: Offering['client'];
let ctx: Offering['ctx'];
let offer: Offering['offer'];
let project: Offering['project'];
let list: Offering['list'];
let open: Offering['open'];
let approvalOf: Offering['approvalOf'];
let decide: Offering['decide'];
beforeAll(async () => {
  world = await createOffering();
  ({ owner, reader, client, ctx, offer, project, list, open, approvalOf, decide } = world);
});
afterAll(() => world?.close());

describe('a decision', () => {
  it('is on what was looked at: a newer definition, or another approved one, refuses it', async () => {
    await offer({ name: 'looked', v: 1 });
    await project();
    const [seen] = await list('looked');
    await new Promise((resolve) => setTimeout(resolve, 5));
    await offer({ name: 'looked', v: 2 });
    await project();
    const asSeen = {
      id: seen?.id ?? '',
      digest: seen?.digest ?? '',
      newest: seen?.digest ?? '',
      against: null,
    };
    await expect(decideDefinition(ctx, { ...asSeen, verdict: 'approved', reason })).rejects.toThrow(
      'A newer definition came meanwhile',
    );
    await decide('looked');
    const [newest] = await list('looked');
    await expect(
      decideDefinition(ctx, {
        ...asSeen,
        newest: newest?.digest ?? '',
        verdict: 'approved',
        reason,
      }),
    ).rejects.toThrow('Another definition was approved meanwhile');
  });

  it('is of one: of two approvers at once the second is told', async () => {
    await offer({ name: 'raced' });
    await project();
    const results = await Promise.allSettled([
      decide('raced'),
      decide('raced', { verdict: 'rejected' }),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(decide('raced', { against: null })).rejects.toThrow();
  });

  it('is for whoever may, with a factor shown just now', async () => {
    await offer({ name: 'guarded' });
    await project();
    const [one] = await list('guarded');
    const input = {
      id: one?.id ?? '',
      digest: one?.digest ?? '',
      newest: one?.digest ?? '',
      against: null,
      verdict: 'approved' as const,
      reason,
    };
    const analyst = { ...ctx, actor: actorOf({ roles: ['analyst'] }) };
    await expect(decideDefinition(analyst, input)).rejects.toThrow('Only an approver');
    const stale = { ...ctx, actor: actorOf({}, { isFresh: false }) };
    await expect(decideDefinition(stale, input)).rejects.toThrow('second factor');
    const reading = nobodyOf({ roles: ['analyst'] });
    const opened = () => listControl(owner, ['content_opened']);
    const before = (await opened()).length;
    expect(await open('guarded', input.id, scopeOf(reading))).toBeUndefined();
    expect(await opened()).toHaveLength(before);
  });

  it('is by what was read, and reading it is on record by the minute', async () => {
    await offer({ name: 'read' });
    await project();
    const [one] = await list('read');
    const scope = scopeOf();
    const at = new Date('2026-11-30T10:00:05Z');
    for (const seconds of [0, 20, 60])
      await open('read', one?.id, scope, new Date(at.getTime() + seconds * 1000));
    // Of another resource it is not.
    expect(await open('guarded', one?.id, scope, at)).toBeUndefined();
    const entries = (await listControl(owner, ['content_opened'])).filter(
      ({ facts }) => facts.resource === idOf('read'),
    );
    expect(entries.map(({ facts }) => [facts.by, facts.definitions])).toEqual([
      [`person:${scope.person}`, [one?.id]],
      [`person:${scope.person}`, [one?.id]],
    ]);
  });

  it('to reject is not kept from whoever makes it by newer ones that go on coming', async () => {
    await offer({ name: 'hurried', v: 1 });
    await project();
    const [seen] = await list('hurried');
    await offer({ name: 'hurried', v: 2 });
    await project();
    await decide('hurried', {
      ...{ id: seen?.id, digest: seen?.digest, newest: seen?.digest, verdict: 'rejected' },
    });
    const states = (await list('hurried')).map(({ digest, state }) => [digest, state]);
    expect(states).toContainEqual([seen?.digest, 'rejected']);
  });

  it('is corrected by another with its reason, as it was looked at, and approved again only so', async () => {
    await offer({ name: 'mistaken' });
    await project();
    await decide('mistaken');
    // Whoever saw it undecided rejects nothing that was approved meanwhile, nor approves what was rejected.
    await expect(decide('mistaken', { verdict: 'rejected' })).rejects.toThrow(
      'Somebody else decided',
    );
    await expect(decide('mistaken', { was: 'approved' })).rejects.toThrow('approved already');
    await decide('mistaken', { was: 'approved', verdict: 'rejected', reason: 'It was misread' });
    expect(await approvalOf('mistaken')).toBe('rejected');
    const entries = await listControl(owner, ['definition_rejected']);
    expect(entries.at(-1)?.facts).toMatchObject({
      name: 'mistaken',
      before: { state: 'approved' },
      reason: 'It was misread',
    });
    await expect(decide('mistaken')).rejects.toThrow('Somebody else decided');
    await expect(decide('mistaken', { was: 'rejected', newest: 'a'.repeat(64) })).rejects.toThrow(
      'A newer definition came meanwhile',
    );
    await decide('mistaken', { was: 'rejected' });
    expect(await approvalOf('mistaken')).toBe('approved');
  });

  it("is no worker's or gateway's, and is never undone", async () => {
    const decided = await owner.query<{ id: string }>(
      `SELECT id FROM resource_definition WHERE state = 'approved' LIMIT 1`,
    );
    const id = decided.rows[0]?.id;
    await expect(
      client.query(`UPDATE resource_definition SET state = 'approved' WHERE id = $1`, [id]),
    ).rejects.toThrow('permission denied');
    await expect(
      client.query('DELETE FROM resource_definition WHERE id = $1', [id]),
    ).rejects.toThrow('a decided definition stays');
    await expect(
      reader.query(
        `UPDATE resource_definition SET state = 'unapproved', decided_at = NULL, decided_by = NULL WHERE id = $1`,
        [id],
      ),
    ).rejects.toThrow('this definition is decided');
    await expect(
      reader.query(
        `UPDATE resource_definition SET state = 'rejected', reason = NULL WHERE id = $1`,
        [id],
      ),
    ).rejects.toThrow('this definition is decided');
  });
});
