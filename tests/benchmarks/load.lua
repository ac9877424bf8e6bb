-- Sends the requests of a file (LOAD_FILE: each after its length in a line), one after the other, and says how it went.
-- With several servers (LOAD_PORTS) each thread of wrk sends to one of them, and begins at its own place in the file.
local threads = 0

function setup(thread)
  local ports = {}
  for port in os.getenv("LOAD_PORTS"):gmatch("%d+") do ports[#ports + 1] = port end
  thread.addr = wrk.lookup("127.0.0.1", ports[threads % #ports + 1])[1]
  thread:set("number", threads)
  threads = threads + 1
  thread:set("of", tonumber(os.getenv("LOAD_THREADS")))
end

function init()
  requests = {}
  local file = assert(io.open(os.getenv("LOAD_FILE"), "rb"))
  local count = 0
  for line in file:lines() do
    local request = file:read(tonumber(line))
    if count % of == number then requests[#requests + 1] = request end
    count = count + 1
  end
  file:close()
  place = 0
end

function request()
  place = place % #requests + 1
  return requests[place]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "p50": %.3f, "p99": %.3f, "slowest": %.3f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
