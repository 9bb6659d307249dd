using Millpond.Bench.Harness;
using Millpond.Bench.Suites;
using Millpond.Bench.Suites.HitRatios;
using Millpond.Bench.Suites.LocalTiers;
using Millpond.Bench.Suites.Resp;

Suite[] suites = [new Coalescing(), new HitRatio(), new LocalHits(), new LocalSlowest(), new LocalThreads(), new LocalMemory(), new RespClients()];
return await Command.RunAsync(args, suites);
