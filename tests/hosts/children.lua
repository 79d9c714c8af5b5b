-- LuaJIT as the host of a Python program, its one argument; its start leaves a mark.

local ffi = require("ffi")
ffi.cdef([[
  int32_t emb_init(const void *config);
  int32_t emb_run_file(const char *path, int64_t length, uint64_t globals);
  int32_t emb_shutdown(void);
  const char *emb_error_text(void);
  int getpid(void);
]])
jit.off(true, true)

local marks = assert(io.open(os.getenv("CHILDREN_MARKS"), "a"))
marks:write(ffi.C.getpid(), "\n")
marks:close()
local emb = ffi.load(os.getenv("EMB_LIBRARY"))
local failed = emb.emb_init(nil) < 0 or emb.emb_run_file(arg[1], -1, 0) < 0 or emb.emb_shutdown() < 0
if failed then
  io.stderr:write(ffi.string(emb.emb_error_text()), "\n")
  os.exit(1)
end
