using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Chaos.Live.Histories;
using Millpond.Redis;

namespace Millpond.Chaos.Live.Working;

/// <summary>One process of the fleet. It does what its standard input says, one line at a time, and answers each with a line; it may be killed at any time.</summary>
internal sealed class Worker : IAsyncDisposable
{
    private readonly WorkerOptions _options;
    private readonly Database _database;
    private readonly HistoryFile _history;
    private readonly ServiceProvider _services;
    private readonly Operations _operations;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _callers = [];

    private Worker(WorkerOptions options)
    {
        _options = options;
        _database = new Database(options.DatabasePath);
        _history = new HistoryFile(options.HistoryPath, options.Process);
        var loads = new Loads(_database, _history);
        var services = new ServiceCollection();
        services.AddMillpond(cache =>
        {
            cache.UseRedis(options.Engine);
            cache.UseSharedTier(all => new WitnessTier(BrokenTiers.Break(all.GetRequiredKeyedService<RedisSharedTier>(cache.Name), options.Bug), _history));
            foreach (var name in new[] { Pond.Plain, Pond.Lazy, Pond.Slow })
            {
                cache.AddKeyspace<int, Row>(name, keyspace => Pond.Declare(keyspace, name, loads.LoadAsync));
            }
        });
        _services = services.BuildServiceProvider();
        _operations = new Operations(Keyspace(Pond.Plain), Keyspace(Pond.Lazy), Keyspace(Pond.Slow), _database, _history);
    }

    public static async Task<int> RunAsync(WorkerOptions options)
    {
        await using var worker = new Worker(options);
        Console.WriteLine("ready");
        while (Console.In.ReadLine() is { } line && line != "end")
        {
            Console.WriteLine(await worker.ObeyAsync(line.Split(' ')).ConfigureAwait(false));
        }

        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_callers).ConfigureAwait(false);
        await _services.DisposeAsync().ConfigureAwait(false);
        _history.Dispose();
        _database.Dispose();
        _ending.Dispose();
    }

    private async Task<string> ObeyAsync(string[] words)
    {
        switch (words[0])
        {
            case "work":
                _callers.AddRange(Enumerable.Range(0, _options.Callers).Select(i => Task.Run(() => new Caller(_operations, HashCode.Combine(_options.Seed, _options.Process, i)).RunAsync(_ending.Token))));
                return "working";
            case "calm":
                Caller.Writes = false;
                return "calm";
            case "rest":
                // With eight at a time, as nothing else happens.
                await Parallel.ForEachAsync(Enumerable.Range(0, Pond.Keys), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (key, _) => await _operations.ReadAsync(key, null, What.Rested).ConfigureAwait(false)).ConfigureAwait(false);
                return "rested";
            case "read":
                await Task.WhenAll(Enumerable.Range(0, Number(words[2])).Select(_ => _operations.ReadAsync(Number(words[1])))).ConfigureAwait(false);
                return "read";
            case "change":
                await _operations.WriteAsync(Number(words[1]), present: true, Announcement.Invalidated).ConfigureAwait(false);
                return "changed";
            case "watch":
                return Watch(Number(words[1]));
            default:
                return $"'{words[0]}' means nothing here";
        }
    }

    /// <summary>When a key that is held here goes, in nanoseconds; it looks without a pause.</summary>
    private string Watch(int key)
    {
        if (!_operations.Of(key).TryPeek(key, out _))
        {
            return "nothing is held";
        }

        Console.WriteLine("watching");
        while (_operations.Of(key).TryPeek(key, out _))
        {
            Thread.Yield();
        }

        return Entry.Now.ToString(CultureInfo.InvariantCulture);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private IKeyspace<int, Row> Keyspace(string name) => _services.GetRequiredKeyedService<IKeyspace<int, Row>>(name);
}
