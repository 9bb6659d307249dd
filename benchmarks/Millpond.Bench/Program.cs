using Millpond.Bench.Harness;
using Millpond.Bench.Suites;
using Millpond.Bench.Suites.Feeds;
using Millpond.Bench.Suites.HitRatios;
using Millpond.Bench.Suites.HotKeys;
using Millpond.Bench.Suites.LocalTiers;
using Millpond.Bench.Suites.Outages;
using Millpond.Bench.Suites.Resp;
using Millpond.Bench.Suites.Shared;
using Millpond.Bench.Suites.Writes;

if (args is [SharedProcesses.WorkerCommand, var address, var seconds])
{
    return await SharedProcesses.WorkAsync(address, TimeSpan.FromSeconds(int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture)));
}

Suite[] suites = [new Coalescing(), new HitRatio(), new LocalHits(), new LocalSlowest(), new LocalThreads(), new LocalMemory(), new RespClients(), new SharedTiers(), new HotKeys(), new Outage(), new ChangeFeeds(), new WriteBehinds()];
return await Command.RunAsync(args, suites);
