using System.Globalization;
using Millpond.Chaos.Live.Accidents;
using Millpond.Chaos.Live.Histories;
using Millpond.Chaos.Live.Judging;
using Millpond.Chaos.Live.Working;

namespace Millpond.Chaos.Live.Directing;

/// <summary>One campaign: an engine, a fleet under load, one accident after another from a seed, rest, and the verdict.</summary>
internal sealed class Campaign(CampaignOptions options, Action<string> log)
{
    private static readonly TimeSpan BusyMax = TimeSpan.FromMinutes(1);
    private readonly Random _random = new(options.Seed);
    private readonly List<Episode> _episodes = [];
    private readonly long _began = Entry.Now;

    public static async Task<Verdict> RunAsync(CampaignOptions options, Action<string> log)
    {
        var folder = Directory.CreateTempSubdirectory("millpond-chaos-").FullName;
        try
        {
            return await new Campaign(options, log).RunAsync(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<Verdict> RunAsync(string folder)
    {
        if (NetworkCut.IsPossible)
        {
            await NetworkCut.PrepareAsync();
        }

        var path = Path.Combine(folder, "database.db");
        Database.Create(path);
        await using var engine = await EngineSet.StartAsync(options.Setup);
        var fleet = new Fleet(engine.Configuration, folder, options.Seed, options.Bug);
        await using (fleet)
        {
            await fleet.StartAsync(options.Workers);
            await fleet.WorkAsync();
            Note($"{options.Workers} workers at work on {options.Setup}");
            await BusyAsync(path, options.CommitsMin / 2);
            await BreakThingsAsync(engine, fleet);
            await BusyAsync(path, options.CommitsMin);
            await fleet.AllAsync("calm", "calm");
            Note("no more writes");
            await Task.Delay(options.Settle);
            await fleet.AllAsync("rest", "rested");
        }

        foreach (var error in fleet.Errors.Take(20))
        {
            log(error);
        }

        Note("judging");
        using var database = new Database(path);
        Entry[] entries = [.. Enumerable.Range(1, fleet.Started).SelectMany(process => HistoryFile.Read(WorkerOptions.HistoryPathOf(folder, process)))];
        return Verdict.Of(new Source(database.Commits(), entries), entries, _episodes);
    }

    private async Task BreakThingsAsync(EngineSet engine, Fleet fleet)
    {
        var scene = new Scene(engine, fleet, _random, options.Pause, Note);
        Accident[] possible = [.. Accident.All.Where(one => one.IsFor(engine) && one.Name.Contains(options.Only, StringComparison.Ordinal))];
        var ends = Entry.Now + Entry.Of(options.For);
        await CalmAsync();
        while (Entry.Now < ends)
        {
            // Each kind once in every round, in an order of the seed's.
            _random.Shuffle(possible);
            foreach (var accident in possible.TakeWhile(_ => Entry.Now < ends))
            {
                var began = Entry.Now;
                Note(accident.Name);
                await accident.HappenAsync(scene);
                _episodes.Add(new Episode(accident.Name, began, Entry.Now));
                await CalmAsync();
            }

            if (possible.Length == 0)
            {
                await CalmAsync();
            }
        }
    }

    private static async Task BusyAsync(string path, int commits)
    {
        using var database = new Database(path);
        for (var began = Entry.Now; database.CountCommits() < commits; await Task.Delay(100))
        {
            if (Entry.Now - began > Entry.Of(BusyMax))
            {
                throw new TimeoutException($"There were no {commits} commits within {BusyMax.TotalSeconds} s.");
            }
        }
    }

    private Task CalmAsync() => Task.Delay(options.CalmMax * (0.2 + (0.8 * _random.NextDouble())));

    private void Note(string what) => log(string.Create(CultureInfo.InvariantCulture, $"{(Entry.Now - _began) / 1e9,7:0.0} s  {what}"));
}
