using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond;

// relay DATABASE REDIS NAME log|outbox|streams|queues|sqlite|sqlite-outbox: follows a table of things, by a slot of that name, an outbox, a stream, a queue, or SQLite's triggers or outbox, until it is ended, and says on its output how it stands. It has the keyspace that its tests read, and reads nothing itself.
SQLitePCL.Batteries_V2.Init();
var services = new ServiceCollection();
services.AddMillpond(m => (args[3] switch
    {
        "outbox" => m.UseRedis(args[1]).AddPostgresOutbox("live", args[0], options => options with { Table = args[2] }),
        "streams" => m.UseRedis(args[1]).AddDebeziumStreams("live", args[0], [args[2]], options => options with { SilenceMax = TimeSpan.FromSeconds(1), AppliedAgainAfter = TimeSpan.FromMilliseconds(100), Applied = Millpond.Debezium.AppliedMessages.Deleted }),
        "queues" => m.UseRedis(args[1]).AddDebeziumQueues("live", new Uri(args[0]), [args[2]], options => options with { SilenceMax = TimeSpan.FromSeconds(2), AppliedAgainAfter = TimeSpan.FromMilliseconds(100) }),
        "sqlite" => m.UseRedis(args[1]).AddSqliteFeed("live", args[0]),
        "sqlite-outbox" => m.UseRedis(args[1]).AddSqliteOutbox("live", args[0]),
        _ => m.UseRedis(args[1]).AddPostgresFeed("live", args[0], options => options with { Slot = args[2], Publication = args[2] }),
    })
    .AddKeyspace<int, string>("thing", k => k.ChangedBy(args[3].StartsWith("sqlite", StringComparison.Ordinal) ? "things" : "public.things", "id").Load((_, _) => throw new NotSupportedException("A relay loads nothing."))));
var provider = services.BuildServiceProvider();
foreach (var hosted in provider.GetServices<IHostedService>())
{
    await hosted.StartAsync(default);
}

var cache = provider.GetRequiredService<ICache>();
var said = "";
while (true)
{
    var feed = cache.Statistics().Feeds[0];
    if (feed.State.ToString() is var state && state != said)
    {
        Console.WriteLine(said = state);
    }

    await Task.Delay(20);
}
