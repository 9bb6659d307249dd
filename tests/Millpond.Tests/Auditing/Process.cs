using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Events;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Auditing;

/// <summary>A process whose auditor compares one key a second.</summary>
internal sealed class Process
{
    private Process(IServiceProvider services, Heard heard) => (Cache, Things, Heard) = ((CacheHost)services.GetRequiredService<ICache>(), services.GetRequiredService<IKeyspace<int, string>>(), heard);

    public CacheHost Cache { get; }

    public IKeyspace<int, string> Things { get; }

    public Heard Heard { get; }

    public AuditStatistics Audit => Cache.Statistics().Audits.Single();

    public KeyspaceStatistics Figures => Cache.Statistics().Keyspaces.Single(one => one.Name == "thing");

    public static async Task<Process> StartAsync(
        Caches caches, Source source, Action<AuditOptions>? set = null, Action<KeyspaceBuilder<int, string>>? declare = null, IConfiguration? configuration = null)
    {
        var heard = new Heard();
        var services = caches.Add(
            m => m
                .Configure(o =>
                {
                    o.Audit.ChecksPerSecond = 1;
                    set?.Invoke(o.Audit);
                })
                .AddKeyspace<int, string>("thing", k =>
                {
                    k.Policy(p => (p.TimeToLive, p.Jitter) = (TimeSpan.FromHours(2), 0)).Load(source.LoadAsync);
                    declare?.Invoke(k);
                }),
            configuration: configuration,
            more: services => services.AddSingleton<CacheListener>(heard));
        var process = new Process(services, heard);
        await process.Cache.StartAsync(default);
        return process;
    }

    public async Task ReadAsync(int from, int to)
    {
        for (var key = from; key < to; key++)
        {
            await Things.GetAsync(key);
        }
    }
}
