using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond;

// relay DATABASE REDIS NAME log|outbox: follows public.things, by a slot of that name or by an outbox, until it is ended, and says on its output how it stands. It has the keyspace that its tests read, and reads nothing itself.
var services = new ServiceCollection();
services.AddMillpond(m => (args[3] == "outbox"
        ? m.UseRedis(args[1]).AddPostgresOutbox("live", args[0], options => options with { Table = args[2] })
        : m.UseRedis(args[1]).AddPostgresFeed("live", args[0], options => options with { Slot = args[2], Publication = args[2] }))
    .AddKeyspace<int, string>("thing", k => k.ChangedBy("public.things", "id").Load((_, _) => throw new NotSupportedException("A relay loads nothing."))));
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
