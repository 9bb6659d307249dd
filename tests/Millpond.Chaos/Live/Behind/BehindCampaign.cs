using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Millpond.Chaos.Live.Behind;

/// <summary>One campaign: writers that are killed and paused, their journal's server and the database too, at random from a seed; then all is flushed, and the database is compared with what writers were told.</summary>
internal sealed class BehindCampaign(BehindOptions options, Action<string> log)
{
    private const int FindingsShown = 20;
    private static readonly TimeSpan BusyMax = TimeSpan.FromMinutes(2);

    private readonly Random _random = new(options.Seed);
    private readonly Acknowledgements _told = new();
    private readonly Dictionary<string, int> _accidents = [];
    private readonly long _began = Stopwatch.GetTimestamp();
    private TimeSpan _lastFlush;

    public IReadOnlyDictionary<string, int> Accidents => _accidents;

    public async Task<BehindVerdict> RunAsync()
    {
        await using var stores = await BehindStores.StartAsync(options);
        WriterProcess[] writers = [.. Enumerable.Range(1, options.Workers).Select(number => new WriterProcess(number, stores.JournalOf(number), stores.Database, _told))];
        foreach (var writer in writers)
        {
            writer.Start();
        }

        await BusyAsync(100);
        var accidents = new BehindAccidents(options.Only, stores, writers, _random);
        var ends = Stopwatch.GetTimestamp() + (long)(options.For.TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < ends)
        {
            var (name, happen) = accidents.Draw();
            log(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_began).TotalSeconds,7:0.0} s  {name}, {_told.Acknowledged} acknowledged"));
            await happen();
            _accidents[name] = _accidents.GetValueOrDefault(name) + 1;
            await Task.Delay(options.CalmMax * _random.NextDouble());
        }

        await BusyAsync(_told.Acknowledged + 50);
        var calm = Stopwatch.GetTimestamp();
        await Task.WhenAll(writers.Select(writer => writer.CalmAsync()));
        _lastFlush = Stopwatch.GetElapsedTime(calm);
        if (_told.Flushes != 3 * writers.Length)
        {
            _told.Complain($"{_told.Flushes} of {3 * writers.Length} flushes came to their end.");
        }

        return BehindVerdict.Of(_told, await stores.ReadAsync());
    }

    public JsonObject Figures(BehindVerdict verdict) => new()
    {
        ["setup"] = $"write-behind, {options.Journal} to {options.Database}",
        ["seed"] = options.Seed,
        ["seconds"] = options.For.TotalSeconds,
        ["processes"] = options.Workers,
        ["accidents"] = string.Join(", ", _accidents.OrderBy(one => one.Key).Select(one => $"{one.Key} {one.Value}")),
        ["acknowledged"] = verdict.Acknowledged,
        ["refused"] = verdict.Refused,
        ["unknown"] = verdict.Unknown,
        ["counted"] = verdict.Counted,
        ["changesOfRows"] = verdict.Changes,
        ["lastFlushSeconds"] = Math.Round(_lastFlush.TotalSeconds, 1),
        ["findings"] = verdict.Findings.Count,
    };

    public static async Task<int> RunAsync(BehindOptions options, string? json)
    {
        var campaign = new BehindCampaign(options, Console.WriteLine);
        var verdict = await campaign.RunAsync();
        foreach (var finding in verdict.Findings.Take(FindingsShown))
        {
            Console.WriteLine($"I6 broken: {finding}");
        }

        foreach (var (name, value) in campaign.Figures(verdict))
        {
            Console.WriteLine($"  {name,-16} {value}");
        }

        Console.WriteLine(verdict.Findings.Count == 0 ? "No promise was broken." : $"{verdict.Findings.Count} findings.");
        if (json is not null)
        {
            Directing.Report.Append(json, campaign.Figures(verdict));
        }

        return verdict.Findings.Count == 0 ? 0 : 1;
    }

    private async Task BusyAsync(int acknowledged)
    {
        for (var began = Stopwatch.GetTimestamp(); _told.Acknowledged < acknowledged; await Task.Delay(50))
        {
            if (Stopwatch.GetElapsedTime(began) > BusyMax)
            {
                throw new TimeoutException($"There were no {acknowledged} acknowledged writes within {BusyMax.TotalSeconds} s: {string.Join('\n', _told.Complaints)}");
            }
        }
    }
}
