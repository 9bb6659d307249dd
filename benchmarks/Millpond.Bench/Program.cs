using Millpond.Bench.Harness;
using Millpond.Bench.Suites;
using Millpond.Bench.Suites.HitRatios;

Suite[] suites = [new Coalescing(), new HitRatio()];
return await Command.RunAsync(args, suites);
