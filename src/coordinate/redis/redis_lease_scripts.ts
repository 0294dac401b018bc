/**
 * The atomic steps of a lease in Redis. A lock's value is JSON that begins with all that makes a lease one's own, its _claim_:
 * `{"owner":"...","generation":...,"since":"...",`. So comparing beginnings compares claims.
 */

/**
 * KEYS: lock, generation, set of locks. ARGV: `{"owner":"...",`, the value after the generation, TTL in ms, stream.
 * Returns the new generation, or 0 while another owner holds the lock.
 */
export const ACQUIRE = `
local current = redis.call('GET', KEYS[1])
if current and string.sub(current, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
local generation = redis.call('INCR', KEYS[2])
local value = ARGV[1] .. '"generation":' .. string.format('%.0f', generation) .. ARGV[2]
redis.call('SET', KEYS[1], value, 'PX', ARGV[3])
redis.call('SADD', KEYS[3], ARGV[4])
return generation
`;

/**
 * KEYS: lock. ARGV: the claim, TTL in ms.
 * Returns 1 if the lock lives on, 0 if there is none, -1 if it is another one.
 */
export const REFRESH = `
local current = redis.call('GET', KEYS[1])
if not current then return 0 end
if string.sub(current, 1, #ARGV[1]) ~= ARGV[1] then return -1 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`;

/**
 * KEYS: lock, number of changes. ARGV: the claim; empty: whoever holds it.
 * Returns 1 if the lock was deleted, 0 if it is not there or not this one.
 */
export const RELEASE = `
local current = redis.call('GET', KEYS[1])
if not current or string.sub(current, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('INCR', KEYS[2])
return 1
`;
