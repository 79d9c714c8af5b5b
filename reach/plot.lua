-- libemb from LuaJIT: luajit plot.lua FILE
--
-- LuaJIT's FFI reads C declarations, so emb.h itself is what it is given.

local ffi = require("ffi")

-- A C function that calls back into Lua must not be called from compiled code.
jit.off(true, true)

local here = arg[0]:match("^(.*)/") or "."
local library = os.getenv("EMB_LIBRARY") or here .. "/../target/release/libemb.so"
local emb, EMB = ffi.load(library), {}
do
  local file = assert(io.open(here .. "/../include/emb.h"))
  local header = file:read("*a")
  file:close()
  -- There is no preprocessor: its numbers become a table, and its lines go.
  for name, number in header:gmatch("\n#define (EMB_[%u_%d]+) (%-?%d+)") do
    EMB[name] = tonumber(number)
  end
  ffi.cdef((header:gsub("\n#ifdef __cplusplus.-#endif[^\n]*", ""):gsub("\n#[^\n]*", "")))
end

local NUL_TERMINATED, NULL = EMB.EMB_NUL_TERMINATED, nil

local function check(status)
  if status == EMB.EMB_OK then return end
  local taken = ffi.new("emb_error", { size = ffi.sizeof("emb_error") })
  emb.emb_error_take(taken)
  emb.emb_object_free(taken.exception)
  error(ffi.string(taken.type_name) .. ": " .. ffi.string(taken.message, taken.message_length), 0)
end

-- Values are tables here: {kind, length, {member = ...}}, which ffi.new turns into C.
local function text(string) return { EMB.EMB_TEXT, #string, { text = string } } end
local function real(number) return { EMB.EMB_FLOAT, 0, { real = number } } end
local function object(handle) return { EMB.EMB_OBJECT, 0, { object = handle } } end

local function values(list) return ffi.new("emb_value[?]", #list, list) end

local function import(name)
  local module = ffi.new("emb_handle[1]")
  check(emb.emb_import(name, #name, module))
  return module[0]
end

-- of.name(args..., keywords=args...)
local function call(of, name, nargs, args, keywords)
  local result = ffi.new("emb_value")
  check(emb.emb_call_method(of, name, #name, values(args), nargs, keywords, NUL_TERMINATED,
    EMB.EMB_RESULT_AUTO, result))
  return result
end

-- Prints what a call raises.
local function catch(label, ...)
  local worked, message = pcall(...)
  print(("%-10s %s"):format(label, worked and "nothing" or message))
end

local function array(data, length)
  local shape, handle = ffi.new("int64_t[1]", length), ffi.new("emb_handle[1]")
  check(emb.emb_array_from_ptr(data, "float64", NUL_TERMINATED, 1, shape, NULL,
    EMB.EMB_RELEASE_QUEUE, NULL, data, handle))
  return handle[0]
end

local function share()
  local numbers = ffi.new("double[3]", { 3, 1, 2 })
  local sorted = array(numbers, 3)
  call(sorted, "sort", 0, {})
  print(("shared     %g %g %g"):format(numbers[0], numbers[1], numbers[2]))

  local released, count = ffi.new("void *[1]"), ffi.new("size_t[1]")
  check(emb.emb_object_free(sorted))
  check(emb.emb_run("", NUL_TERMINATED, NULL, 0, 0)) -- enters Python, which drops it
  check(emb.emb_released(released, 1, count))
  print(("released   %d"):format(tonumber(count[0])))
end

-- An error must not leave a callback: raise it in Python, and return its status.
local function word_length(_, args, _, _, _, result)
  if args[0].length == 0 then
    return emb.emb_error_raise("ValueError", NUL_TERMINATED, "an empty word", NUL_TERMINATED)
  end
  result.kind = EMB.EMB_INT
  result.as.integer = args[0].length
  return EMB.EMB_OK
end

local function sort(builtins, key, words)
  local items = {}
  for i, word in ipairs(words) do items[i] = text(word) end
  items = values(items) -- kept here: what points to it does not keep it
  return call(builtins, "sorted", 1,
    { { EMB.EMB_LIST, #words, { items = items } }, object(key) }, "key")
end

local function call_back(builtins)
  local key, shown = ffi.new("emb_handle[1]"), ffi.new("emb_value")
  local callback = ffi.cast("emb_function", word_length)
  check(emb.emb_callback_new("word_length", NUL_TERMINATED, NULL, 0, callback, NULL,
    EMB.EMB_RESULT_AUTO + EMB.EMB_ONE_THREAD, NULL, key))
  local result = sort(builtins, key[0], { "cherry", "fig", "lemon" })
  check(emb.emb_object_text(result.as.object, EMB.EMB_TEXT_REPR, shown))
  print("callback   " .. ffi.string(shown.as.text, shown.length))
  catch("raised", sort, builtins, key[0], { "fig", "", "lemon" })
  check(emb.emb_object_free(result.as.object))
  check(emb.emb_object_free(key[0]))
end

local function oscillate(points)
  local xs, ys = ffi.new("double[?]", points), ffi.new("double[?]", points)
  local x, y = 0.1, 0
  for i = 0, points - 1 do
    x = x + 0.03 * y
    y = y + 0.03 * ((1 - x * x) * y - x)
    xs[i], ys[i] = x, y
  end
  return xs, ys
end

local function plot(path)
  local points = 1000
  local xs, ys = oscillate(points)
  call(import("matplotlib"), "use", 1, { text("agg") })
  local pyplot = import("matplotlib.pyplot")
  call(pyplot, "plot", 2,
    { object(array(xs, points)), object(array(ys, points)), text("teal"), real(1.5) },
    "color,linewidth")
  call(pyplot, "title", 1, { text("Van der Pol's oscillator") })
  local pair = values({ text("Software"), { EMB.EMB_NONE } })
  call(pyplot, "savefig", 1,
    { text(path), { EMB.EMB_INT, 0, { integer = 80 } }, { EMB.EMB_DICT, 1, { items = pair } } },
    "dpi,metadata")
  check(emb.emb_shutdown()) -- while Lua still keeps xs and ys
end

assert(emb.emb_abi_version() == EMB.EMB_ABI_VERSION, "another version of libemb")
check(emb.emb_init(NULL))
print(("abi        %d"):format(emb.emb_abi_version()))
share()
local builtins = import("builtins")
call_back(builtins)
catch("exception", call, builtins, "int", 1, { text("ten") })
plot(arg[1])
print("picture    drawn")
