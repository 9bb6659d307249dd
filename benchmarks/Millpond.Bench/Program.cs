using Millpond.Bench.Harness;
using Millpond.Bench.Suites;
using Millpond.Bench.Suites.HitRatios;
using Millpond.Bench.Suites.LocalTiers;

Suite[] suites = [new Coalescing(), new HitRatio(), new LocalHits(), new LocalSlowest(), new LocalThreads(), new LocalMemory()];
return await Command.RunAsync(args, suites);
