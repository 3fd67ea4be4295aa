/**
 * Runs once in a new machine, with the host's library tables as its argument. Gives three values:
 * the globals that scripts see, the table behind them (where KEYS and ARGV are put), and the error
 * handler. Scripts share one machine, so nothing that lasts beyond a script may be changed by it:
 * stock Lua has no read-only tables, hence proxies in front of every shared one.
 */
export const SANDBOX_SOURCE = `
local host = ...
local getinfo, error, type, tostring = debug.getinfo, error, type, tostring
local setmetatable, getmetatable, rawset, pcall = setmetatable, getmetatable, rawset, pcall
local rep, select, floor = string.rep, select, math.floor
local collectgarbage = collectgarbage
local protected = setmetatable({}, { __mode = 'k' })
local MAX_REPEATED = 128 * 1024 * 1024
local READ_ONLY = 'Attempt to modify a readonly table'

local function readonly(target, visible_metatable)
  local proxy = {}
  protected[proxy] = true
  return setmetatable(proxy, {
    __index = target,
    __newindex = function() error(READ_ONLY, 2) end,
    __metatable = visible_metatable or readonly({}, true),
  })
end

-- One call of the library cannot be stopped half way, and the stock one goes byte by byte: a long
-- result is put together by doubling, one that would take seconds is refused.
local function repeated(text, times)
  if times < 64 then return rep(text, times) end
  local half = repeated(text, floor(times / 2))
  return times % 2 >= 1 and half .. half .. text or half .. half
end
string.rep = function(text, times)
  if type(text) ~= 'string' or type(times) ~= 'number' then return rep(text, times) end
  if #text * times > MAX_REPEATED then error('resulting string too large', 2) end
  return repeated(text, floor(times))
end

local visible = {}
for _, name in ipairs({ '_VERSION', 'assert', 'error', 'gcinfo', 'getmetatable', 'ipairs', 'load', 'loadstring', 'next', 'pairs',
  'rawequal', 'rawget', 'select', 'tonumber', 'tostring', 'type', 'unpack' }) do
  visible[name] = _G[name]
end
local strings = readonly(string)
visible.string = strings
visible.table = readonly(table)
visible.math = readonly(math)
visible.coroutine = readonly(coroutine)
for name, library in pairs(host) do visible[name] = readonly(library) end

visible.rawset = function(target, key, value)
  if protected[target] then error(READ_ONLY, 0) end
  return rawset(target, key, value)
end
visible.setmetatable = function(target, metatable)
  if protected[target] then error(READ_ONLY, 0) end
  return setmetatable(target, metatable)
end
-- Stopping the collector would outlast the script.
visible.collectgarbage = function(option, ...)
  if option == nil or option == 'collect' or option == 'count' or option == 'step' then return collectgarbage(option, ...) end
  return 0
end

-- Errors of redis.call are tables inside; scripts that catch one get its text.
local function caught(ok, failure, ...)
  if not ok and type(failure) == 'table' then
    local text = failure.err
    if type(text) == 'string' or type(text) == 'number' then return ok, text, ... end
  end
  return ok, failure, ...
end
visible.pcall = function(...) return caught(pcall(...)) end

-- The stock one runs its handler where the error is raised: inside the watch's own hook, where
-- nothing can be stopped any more, if that is what raised it.
local function handled(handler, ok, ...)
  if ok then return ok, ... end
  return false, select(2, pcall(handler, (...)))
end
visible.xpcall = function(body, handler) return handled(handler, pcall(body)) end

getmetatable('').__metatable = readonly({ __index = strings })

local globals = readonly(setmetatable(visible, {
  __index = function(_, name)
    error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'", 2)
  end,
}))
visible._G = globals

local function on_error(failure)
  local level, info = 2, nil
  repeat
    info = getinfo(level, 'Sl')
    level = level + 1
  until info == nil or info.source == '@user_script'
  if type(failure) ~= 'table' then failure = { err = 'ERR ' .. tostring(failure) } end
  if info then
    rawset(failure, 'source', info.source)
    rawset(failure, 'line', info.currentline)
  end
  return failure
end
return globals, visible, on_error
`;
