/**
 * The sliding window in Redis or Valkey: one Lua script, run atomically on the server, by the
 * server's clock. Times are whole microseconds since 1970.
 *
 * Three keys hold one limit: the list of stamps (newest first, each unique, so that a stamp can be
 * given back or told apart after an outage), the hash of pause and rhythm, and the hash of waiting
 * processes. All of them expire by themselves.
 *
 * @module
 */

/** Newest stamps that an answer lists: what a process knows when the store goes down. */
export const LISTED = 256;

/**
 * How long the store lets everybody wait until all have told what it does not know, in
 * milliseconds.
 */
export const RECALL_MS = 1000;

/**
 * The script. `KEYS`: stamps, brake, waiting. `ARGV`: operation, limit of each window as
 * `limit,span;…`, then what the operation needs:
 * `claim` wanted, process, waited; `return` stamps…; `move` stamp; `pause` length; `pace` gap,
 * length; `recall` `down` or `up` as the process saw the server, count of stamps, stamps…, ages…;
 * `view`; `leave` process.
 *
 * It answers granted, wait, reason, now, pause left, gap, others waiting, used in each window
 * (joined by commas), and the newest stamps; granted ones come first among these.
 */
export const REDIS_SCRIPT = `
local parts = redis.call('TIME')
local now = tonumber(parts[1]) * 1000000 + tonumber(parts[2])
local function text(n) return string.format('%.0f', n) end
local windows, longest, most = {}, 0, 0
for limit, span in string.gmatch(ARGV[2], '(%d+),(%d+)') do
  limit, span = tonumber(limit), tonumber(span)
  table.insert(windows, { limit = limit, span = span })
  if span > longest then longest = span end
  if limit > most then most = limit end
end
local stampsKey, brakeKey, waitingKey = KEYS[1], KEYS[2], KEYS[3]
local function newest(place)
  return tonumber(redis.call('LINDEX', stampsKey, place - 1)) or -1e18
end

local found = redis.call('HMGET', brakeKey, 'pause', 'gap', 'gapUntil', 'most', 'longest', 'asked')
local pause, gap, gapUntil = tonumber(found[1]) or 0, tonumber(found[2]) or 0, tonumber(found[3]) or 0
most = math.max(most, tonumber(found[4]) or 0)
longest = math.max(longest, tonumber(found[5]) or 0)
local lasting = text(math.ceil(longest / 1000) + 3600000)
local function keep()
  redis.call('HSET', brakeKey, 'most', text(most), 'longest', text(longest))
  redis.call('PEXPIRE', brakeKey, lasting)
end

-- The server's clock was put back: what happened cannot count from later than now.
if newest(1) > now + 1000000 then
  local all = redis.call('LRANGE', stampsKey, 0, -1)
  redis.call('DEL', stampsKey)
  for place, stamp in ipairs(all) do
    redis.call('RPUSH', stampsKey, text(math.min(tonumber(stamp), now + #all - place)))
  end
  redis.call('PEXPIRE', stampsKey, lasting)
end
if pause > now + 3600000000 then pause = now + 3600000000 end
if gapUntil > now + 3600000000 then gapUntil = now + 3600000000 end

-- A young server without our keys may have lost them, and one that was out of reach does not know
-- what was called meanwhile: first let everybody tell. Once is enough for all that come back.
local function waitForWord()
  if pause < now + ${RECALL_MS}000 then pause = now + ${RECALL_MS}000 end
  redis.call('HSET', brakeKey, 'pause', text(pause), 'asked', text(now))
end
local asked = tonumber(found[6]) or 0
if (ARGV[1] == 'claim' or ARGV[1] == 'recall') and not found[4] then
  local up = string.match(redis.call('INFO', 'server'), 'uptime_in_seconds:(%d+)')
  if (tonumber(up) or 0) * 1000000 <= longest then waitForWord() end
  keep()
elseif ARGV[1] == 'recall' and ARGV[3] == 'down' and now > asked + ${RECALL_MS}000 then
  waitForWord()
end

local function ready(place)
  local at, reason = -1e18, 'window'
  for _, window in ipairs(windows) do
    local time = place > window.limit and now + window.span
      or newest(window.limit - place + 1) + window.span
    if time > at then at = time end
  end
  if gapUntil > now then
    local time = newest(1) + gap
    if place > 1 then time = math.max(time, now) + (place - 1) * gap end
    time = math.min(time, gapUntil)
    if time > at then at, reason = time, 'pace' end
  end
  if pause > now and pause > at then at, reason = pause, 'pause' end
  return at, reason
end

local function push(stamp)
  redis.call('LPUSH', stampsKey, text(stamp))
end
local function trim()
  redis.call('LTRIM', stampsKey, 0, most - 1)
  redis.call('PEXPIRE', stampsKey, lasting)
end

local mine = ARGV[1] == 'claim' and ARGV[4] or ARGV[1] == 'leave' and ARGV[3] or ''
local since = now - (ARGV[1] == 'claim' and tonumber(ARGV[5]) or 0)
local others, ahead = 0, 0
local lines = redis.call('HGETALL', waitingKey)
for i = 1, #lines, 2 do
  local from, promised = string.match(lines[i + 1], '(%d+) (%d+)')
  from, promised = tonumber(from), tonumber(promised)
  if promised + 100000 < now or promised > now + 10000000 then
    redis.call('HDEL', waitingKey, lines[i])
  elseif lines[i] ~= mine then
    others = others + 1
    if from < since or (from == since and lines[i] < mine) then ahead = ahead + 1 end
  end
end

local granted, wait, reason = 0, 0, 'window'
if ARGV[1] == 'claim' then
  local wanted, step = tonumber(ARGV[3]), 10000
  local limit = others > 0 and math.max(wanted, others + 1) or wanted
  local free, at = 0, nil
  local first = nil
  at, reason = ready(1)
  first = at
  while free < limit and at <= now do
    free = free + 1
    at, reason = ready(free + 1)
  end
  local take, turn = math.min(free, wanted), 0
  if others > 0 and free > others then
    take, turn = math.min(wanted, math.ceil(free / (others + 1))), step
  elseif others > 0 and free > 0 then
    turn = (ahead - free + 1) * step - (now - math.max(first, newest(1)))
    if ahead < free or turn <= 0 then take, turn = 1, step else take = 0 end
  end
  for _ = 1, take do push(math.max(now, newest(1) + 1)) end
  granted = take
  if take > 0 then
    trim()
    keep()
  end
  if take < wanted then
    if free > take then wait, reason = turn, 'turn'
    else wait = at - now + (take > 0 and others or ahead) * step end
    wait = math.min(wait, 5000000)
    redis.call('HSET', waitingKey, mine, text(take > 0 and now or since) .. ' ' .. text(now + wait))
    redis.call('PEXPIRE', waitingKey, 10000)
  else
    redis.call('HDEL', waitingKey, mine)
  end
elseif ARGV[1] == 'return' then
  for i = 3, #ARGV do redis.call('LREM', stampsKey, 1, ARGV[i]) end
elseif ARGV[1] == 'move' then
  -- The call went out later than it was recorded.
  redis.call('LREM', stampsKey, 1, ARGV[3])
  push(math.max(now, newest(1) + 1))
  trim()
  keep()
elseif ARGV[1] == 'leave' then
  redis.call('HDEL', waitingKey, mine)
elseif ARGV[1] == 'pause' then
  local length = tonumber(ARGV[3])
  pause = length <= 0 and 0 or math.max(pause, now + length)
  redis.call('HSET', brakeKey, 'pause', text(pause))
  keep()
elseif ARGV[1] == 'pace' then
  gap, gapUntil = tonumber(ARGV[3]), now + tonumber(ARGV[4])
  redis.call('HSET', brakeKey, 'gap', text(gap), 'gapUntil', text(gapUntil))
  keep()
elseif ARGV[1] == 'recall' then
  -- Stamps this server gave out and may have lost, then ages of calls made while it was away.
  local told, all, seen = tonumber(ARGV[4]), {}, {}
  local function add(stamp)
    while seen[stamp] do stamp = stamp + 1 end
    seen[stamp] = true
    table.insert(all, stamp)
  end
  for _, stamp in ipairs(redis.call('LRANGE', stampsKey, 0, -1)) do add(tonumber(stamp)) end
  for i = 5, 4 + told do
    local stamp = tonumber(ARGV[i])
    if not seen[stamp] and stamp > now - longest then add(math.min(stamp, now)) end
  end
  for i = 5 + told, #ARGV do
    local age = tonumber(ARGV[i])
    if age < longest then add(now - age) end
  end
  table.sort(all, function(a, b) return a > b end)
  redis.call('DEL', stampsKey)
  for _, stamp in ipairs(all) do redis.call('RPUSH', stampsKey, text(stamp)) end
  trim()
  keep()
end

local used = {}
if ARGV[1] == 'view' then
  local all = redis.call('LRANGE', stampsKey, 0, -1)
  for _, window in ipairs(windows) do
    local count = 0
    while all[count + 1] and tonumber(all[count + 1]) > now - window.span do count = count + 1 end
    table.insert(used, count)
  end
  local at, why = ready(1)
  wait, reason = math.max(0, at - now), why
end

local answer = { granted, text(wait), reason, text(now), text(math.max(0, pause - now)),
  text(gapUntil > now and gap or 0), others, table.concat(used, ',') }
for _, stamp in ipairs(redis.call('LRANGE', stampsKey, 0, ${LISTED - 1})) do
  table.insert(answer, stamp)
end
return answer
`;
