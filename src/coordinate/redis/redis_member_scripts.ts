/** The atomic steps of a member in Redis. */

/** KEYS: member, set of members, number of changes. ARGV: value, TTL in ms, owner. */
export const ANNOUNCE = `
local before = redis.call('GET', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SADD', KEYS[2], ARGV[3])
if before ~= ARGV[1] then redis.call('INCR', KEYS[3]) end
return 1
`;

/** KEYS: member, set of members, number of changes. ARGV: owner. */
export const LEAVE = `
local left = redis.call('DEL', KEYS[1])
redis.call('SREM', KEYS[2], ARGV[1])
if left == 1 then redis.call('INCR', KEYS[3]) end
return left
`;

/** KEYS: member, set of members. ARGV: owner. Takes it out of the set, unless it has come back. */
export const FORGET_SILENT = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
return redis.call('SREM', KEYS[2], ARGV[1])
`;
