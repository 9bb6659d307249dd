using Millpond.Bench.Harness;
using Millpond.Bench.Suites;

Suite[] suites = [new Coalescing()];
return await Command.RunAsync(args, suites);
