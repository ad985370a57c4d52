-- The files of specs that do not apply on Windows, and a folder of such files, each
-- with the reason. Single specs of other files say it themselves, by pending().

local shell = "starts programs by Unix's shell"
local tree = "reads the tree by Unix's shell; what it finds is the same on each system"

return {
  ["spec/base/patience_spec.lua"] = "a read waits in the system call on Linux alone",
  ["spec/command/connect_spec.lua"] = shell,
  ["spec/command/scan_spec.lua"] = shell,
  ["spec/command/serve_spec.lua"] = shell,
  ["spec/command/starttls_spec.lua"] = shell,
  ["spec/host/"] = "specifies the static library for programs in C, which is not built for Windows",
  ["spec/interop/bulk_spec.lua"] = "talks to CPython",
  ["spec/interop/commands_spec.lua"] = "talks to OpenSSL's programs and curl",
  ["spec/interop/dtls_spec.lua"] = "talks to OpenSSL's programs and GnuTLS'",
  ["spec/interop/cpython_spec.lua"] = "talks to CPython",
  ["spec/luasec/compat_spec.lua"] = "runs LuaSec beside, by Unix's shell",
  ["spec/luasec/https_spec.lua"] = "blocks while it talks to a server, which has to be a process",
  ["spec/luasec/install_spec.lua"] = shell,
  ["spec/luasec/programs_spec.lua"] = shell,
  ["spec/socket/listener_spec.lua"] = "accepts clients that Windows does not tell apart",
  ["spec/testing/command_spec.lua"] = shell,
  ["spec/testing/interop_spec.lua"] = "talks to curl, wget, CPython and OpenSSL's programs",
  ["spec/testing/process_spec.lua"] = "specifies fork()",
  ["spec/whole/differential_spec.lua"] = "compares with CPython",
  ["spec/whole/diagrams_spec.lua"] = tree,
  ["spec/whole/docs_spec.lua"] = tree,
  ["spec/whole/errors_spec.lua"] = tree,
  ["spec/whole/examples_loops_spec.lua"] = shell,
  ["spec/whole/examples_spec.lua"] = shell,
  ["spec/whole/manual_spec.lua"] = tree,
  ["spec/whole/memfail_spec.lua"] = "uses an allocator that fails, which is Unix's",
  ["spec/whole/module_spec.lua"] = tree,
  ["spec/whole/readme_spec.lua"] = shell,
  ["spec/whole/recipes_spec.lua"] = shell,
  ["spec/whole/rockspec_spec.lua"] = tree,
  ["spec/whole/site_spec.lua"] = tree,
  ["spec/whole/suite_spec.lua"] = "specifies tools/suite.sh",
  ["spec/whole/types_spec.lua"] = tree,
}
