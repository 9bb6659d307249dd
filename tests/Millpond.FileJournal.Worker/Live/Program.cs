using Microsoft.Extensions.DependencyInjection;
using Millpond;
using Millpond.FileJournal;
using Millpond.Sinks;
using Millpond.Sqlite;

// worker FOLDER DATABASE FROM WRITERS: each writer has a key of its own, counts it and sets its note to FROM, FROM + 1 and so on. On its output: "? key n" before, "ok key n" when both were acknowledged. With 0 writers it flushes and ends.
SQLitePCL.Batteries_V2.Init();
var (folder, database, from, writers) = (args[0], args[1], int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture), int.Parse(args[3], System.Globalization.CultureInfo.InvariantCulture));
var services = new ServiceCollection();
services.AddMillpond(m => m
    .AddKeyspace<int, string>("notes", k => k
        .Load((_, _) => ValueTask.FromResult<string?>(null))
        .WriteBehind(FileJournals.With(new FileJournalOptions { Folder = Path.Combine(folder, "notes"), SegmentBytes = 64 << 10 }), SqliteSinks.Table(database, new SinkTable<int, string>("notes").Key("id", id => id).Column("note", note => int.Parse(note, System.Globalization.CultureInfo.InvariantCulture))), o => o.FlushDelay = TimeSpan.FromMilliseconds(5)))
    .AddMergedCounters<int>("views", FileJournals.With(new FileJournalOptions { Folder = Path.Combine(folder, "views"), SegmentBytes = 64 << 10 }), SqliteSinks.Table(database, new SinkTable<int, long>("views").Key("id", id => id).Count("hits")), o => o.FlushDelay = TimeSpan.FromMilliseconds(5)));
await using var provider = services.BuildServiceProvider();
var cache = provider.GetRequiredService<ICache>();
var notes = provider.GetRequiredService<IKeyspace<int, string>>();
var views = provider.GetRequiredService<IMergedCounters<int>>();
if (writers == 0)
{
    await cache.WriteBehind("notes").FlushAsync();
    await cache.WriteBehind("views").FlushAsync();
    return;
}

await Task.WhenAll(Enumerable.Range(1, writers).Select(key => Task.Run(async () =>
{
    for (var n = from; ; n++)
    {
        Console.WriteLine($"? {key} {n}");
        await views.AddAsync(key);
        await notes.WriteAsync(key, $"{n}");
        if (await notes.GetAsync(key) != $"{n}")
        {
            Console.WriteLine($"unseen {key} {n}");
        }

        Console.WriteLine($"ok {key} {n}");
    }
})));
