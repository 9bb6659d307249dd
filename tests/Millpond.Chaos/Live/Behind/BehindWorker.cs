using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.FileJournal;
using Millpond.Journals;
using Millpond.Postgres;
using Millpond.Redis;
using Millpond.Resp;
using Millpond.Sinks;
using Millpond.Sqlite;

namespace Millpond.Chaos.Live.Behind;

/// <summary>
/// A process that writes behind until it is killed, or told "calm": it says on its output what it begins ("? what key n") before it does, and what it was told afterwards ("ok", "no" for certainly not taken, "un" for unknown).
/// </summary>
internal static class BehindWorker
{
    public const int Writers = 4;
    private const int SharedCounters = 3;

    /// <summary>After how long without a sign of life another process may flush.</summary>
    public static readonly TimeSpan LeadTime = TimeSpan.FromSeconds(2);

    // Some pauses of the database are longer than this, some shorter.
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan TellPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <param name="arguments">behind-worker JOURNAL DATABASE NUMBER FROM: values rise from FROM.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        SQLitePCL.Batteries_V2.Init();
        var (journal, database, number, from) = (arguments[1], arguments[2], int.Parse(arguments[3], CultureInfo.InvariantCulture), int.Parse(arguments[4], CultureInfo.InvariantCulture));
        var services = new ServiceCollection();
        services.AddMillpond(m => m
            .AddKeyspace<int, string>("notes", k => k.Load((_, _) => ValueTask.FromResult<string?>(null)).WriteBehind(Journal(journal, "notes"), States(database, "notes"), Each))
            .AddKeyspace<int, string>("drafts", k => k.Load((_, _) => ValueTask.FromResult<string?>(null)).WriteBehind(Journal(journal, "drafts"), States(database, "drafts"), Batched))
            .AddMergedCounters<int>("views", Journal(journal, "views"), Sums(database), Batched));
        await using var provider = services.BuildServiceProvider();
        foreach (var service in provider.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }

        using var calm = new CancellationTokenSource();
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(provider, (number * 100) + writer, from, calm.Token))).ToArray();
        await Console.In.ReadLineAsync();
        await calm.CancelAsync();
        await Task.WhenAll(writers);
        var cache = provider.GetRequiredService<ICache>();
        foreach (var name in (string[])["notes", "drafts", "views"])
        {
            await FlushAsync(name, cache.WriteBehind(name));
            var letters = await cache.WriteBehind(name).DeadLettersAsync();
            Console.WriteLine(letters.Count == 0 ? $"flushed {name} 0" : $"dead {name} {letters.Count}");
        }

        return 0;
    }

    /// <summary>Flushes, and says meanwhile what is left, so that one who is slow is not taken for one who stands still.</summary>
    private static async Task FlushAsync(string name, IWriteBehind behind)
    {
        var flushed = behind.FlushAsync().AsTask();
        while (await Task.WhenAny(flushed, Task.Delay(TellPeriod)) != flushed)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"left {name} {behind.Statistics().Records}"));
        }

        await flushed;
    }

    // Each write reaches the database by itself, so that its history has them all. While it does not keep up, or stands still, the journal is soon full, and writes are refused.
    private static void Each(WriteBehindOptions options) =>
        (options.BatchRecordsMax, options.FlushDelay, options.RetryPauseMax, options.PendingRecordsMax, options.FullWaitMax) = (1, TimeSpan.Zero, TimeSpan.FromSeconds(1), 500, TimeSpan.FromMilliseconds(50));

    private static void Batched(WriteBehindOptions options) => (options.BatchRecordsMax, options.FlushDelay, options.RetryPauseMax) = (50, TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(1));

    private static async Task WriteAsync(IServiceProvider services, int key, int from, CancellationToken calm)
    {
        var (notes, drafts) = (services.GetRequiredKeyedService<IKeyspace<int, string>>("notes"), services.GetRequiredKeyedService<IKeyspace<int, string>>("drafts"));
        var views = services.GetRequiredService<IMergedCounters<int>>();
        for (var n = from; !calm.IsCancellationRequested; n++)
        {
            var (value, counter) = (n.ToString(CultureInfo.InvariantCulture), n % 2 == 0 ? key : n % SharedCounters);
            await SayAsync("views", counter, n, () => views.AddAsync(counter));
            await SayAsync("notes", key, n, async () => await notes.WriteAsync(key, value));
            if (await SayAsync("drafts", key, n, async () => await drafts.WriteAsync(key, value)) && await SeenAsync(drafts, key) is { } seen && seen != value)
            {
                Console.WriteLine($"seen {key} {seen}");
            }

            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    /// <summary>What is read back; a journal that is away fails the read, which says nothing.</summary>
    private static async Task<string?> SeenAsync(IKeyspace<int, string> drafts, int key)
    {
        try
        {
            return await drafts.GetAsync(key);
        }
        catch (MillpondException)
        {
            return null;
        }
    }

    /// <summary>Does it, says so, and returns whether it was acknowledged.</summary>
    private static async Task<bool> SayAsync(string what, int key, int n, Func<ValueTask> write)
    {
        Console.WriteLine($"? {what} {key} {n}");
        var told = "ok";
        try
        {
            await write();
        }
        catch (MillpondException failure)
        {
            told = failure.Code is ErrorCode.JournalRefused or ErrorCode.JournalFull ? "no" : "un";
        }

        Console.WriteLine($"{told} {what} {key} {n}");
        return told == "ok";
    }

    private static Func<IServiceProvider, IWriteJournal> Journal(string journal, string name) => journal.Split(':', 2) switch
    {
        ["files", var folder] => FileJournals.In(Path.Combine(folder, name)),
        ["redis", var server] => RedisJournals.With(new RedisJournalOptions
        {
            Connection = RespOptions.Parse($"{server},timeout=2000"),
            Name = name,
            Survives = JournalSurvival.ProcessDeath | JournalSurvival.PowerLoss,
            LeadTime = LeadTime,
        }),
        [_, var server] => PostgresJournals.With(new PostgresJournalOptions
        {
            ConnectionString = string.Create(CultureInfo.InvariantCulture, $"{server};Command Timeout={CallMax.TotalSeconds}"),
            Table = $"journal_{name}",
            Survives = JournalSurvival.ProcessDeath | JournalSurvival.PowerLoss,
            LeadTime = LeadTime,
        }),
        _ => throw new FormatException($"'{journal}' is no journal."),
    };

    private static Func<IServiceProvider, IWriteSink<int, string>> States(string database, string name)
    {
        var table = new SinkTable<int, string>(name).Key("id", id => id).Column("note", note => int.Parse(note, CultureInfo.InvariantCulture));
        return database.Split(':', 2) is ["sqlite", var path] ? SqliteSinks.Table(path, table) : PostgresSinks.Table(new PostgresSinkOptions { ConnectionString = database.Split(':', 2)[1], CommandTimeout = CallMax }, table);
    }

    private static Func<IServiceProvider, IWriteSink<int, long>> Sums(string database)
    {
        var table = new SinkTable<int, long>("views").Key("id", id => id).Count("hits");
        return database.Split(':', 2) is ["sqlite", var path] ? SqliteSinks.Table(path, table) : PostgresSinks.Table(new PostgresSinkOptions { ConnectionString = database.Split(':', 2)[1], CommandTimeout = CallMax }, table);
    }
}
