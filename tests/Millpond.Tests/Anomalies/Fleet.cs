using Microsoft.Extensions.DependencyInjection;
using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Policies;
using Millpond.Shared.InProcess;
using Millpond.Testing.Faults;
using Millpond.Testing.Time;

namespace Millpond.Tests.Anomalies;

/// <summary>
/// The cast of a schedule: one primary database P, one engine, and processes, each with the whole client and with a network of its own between it and the engine.
/// Every step returns when nothing more can happen without time moving on, so a schedule reads from top to bottom.
/// </summary>
internal sealed class Fleet
{
    /// <summary>The key that every schedule is about. It starts as v1.</summary>
    public const int K = 7;

    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    private readonly List<ServiceProvider> _providers = [];
    private readonly List<Node> _nodes = [];
    private readonly Breach _rules;

    private Fleet(Breach rules, InProcessSharedTierOptions options)
    {
        _rules = rules;
        Engine = new InProcessSharedTier(options, Surroundings, rules.Engine);
    }

    public SimulatedSurroundings Surroundings { get; } = new(seed: 1);

    public InProcessSharedTier Engine { get; }

    /// <summary>What is committed in the primary database.</summary>
    public Dictionary<int, string?> P { get; } = new() { [K] = "v1" };

    public TimeSpan Elapsed => Surroundings.Clock.Elapsed;

    /// <summary>Runs a schedule on one thread under virtual time and returns what it saw.</summary>
    public static T Run<T>(Func<Fleet, T> schedule, Breach? rules = null, int changeLogMax = 1_024)
    {
        var fleet = new Fleet(rules ?? new Breach(), new InProcessSharedTierOptions { PayloadBytesMax = 1 << 20, ChangeLogMax = changeLogMax });
        T seen = default!;
        fleet.Surroundings.Run(async () =>
        {
            seen = schedule(fleet);
            foreach (var provider in fleet._providers)
            {
                await provider.DisposeAsync();
            }
        });
        return seen;
    }

    /// <summary>Runs a schedule that asserts for itself.</summary>
    public static void Run(Action<Fleet> schedule, Breach? rules = null, int changeLogMax = 1_024) => Run(
        fleet =>
        {
            schedule(fleet);
            return true;
        },
        rules,
        changeLogMax);

    /// <summary>Another process. It reads P, unless <paramref name="reads"/> says otherwise.</summary>
    public Node Add(Action<KeyspaceBuilder<int, string>>? declare = null, Func<int, string?>? reads = null, Action<MillpondOptions>? cache = null)
    {
        var node = new Node(this, reads ?? (key => P.GetValueOrDefault(key)), new FaultySharedTier(Engine, Surroundings, seed: 1) { HeartbeatPeriod = Heartbeat });
        var services = new ServiceCollection();
        services.AddSingleton<Millpond.Runtime.Surroundings>(Surroundings);
        services.AddSingleton(_rules.Process);
        services.AddSingleton<CacheListener>(node.Heard);
        services.AddMillpond(m => m.UseSharedTier(_ => node.Network).Configure(Patient).Configure(cache ?? (_ => { })).AddKeyspace<int, string>("thing", k =>
        {
            k.Policy(p => p.Jitter = 0).Load(node.LoadAsync);
            declare?.Invoke(k);
        }));
        var provider = services.BuildServiceProvider();
        _providers.Add(provider);
        node.Things = (Keyspace<int, string>)provider.GetRequiredService<IKeyspace<int, string>>();
        _nodes.Add(node);
        return node;
    }

    /// <summary>A schedule decides how long a reply takes; nobody gives up on it.</summary>
    private static void Patient(MillpondOptions options) => options.SharedTierTimeoutMin = options.SharedTierTimeoutMax = TimeSpan.FromMinutes(1);

    /// <summary>What every process reads now, one that has just started included: one value if they agree, and where not all of them.</summary>
    public string WhatAllRead(int key = K)
    {
        Add();
        return string.Join(", ", _nodes.Select(node => node.Read(key) ?? "absent").Distinct());
    }

    public void Settle() => Surroundings.RunUntilIdle();

    /// <summary>Lets time pass, in steps short enough that what a timer starts is run before the next one fires.</summary>
    public void Pass(TimeSpan time)
    {
        var until = Elapsed + time;
        Settle();
        while (Surroundings.Clock.NextTimer is { } next && Elapsed + next <= until)
        {
            Surroundings.Clock.Advance(next);
            Settle();
        }

        Surroundings.Clock.Advance(until - Elapsed);
        Settle();
    }

    /// <summary>The outcome of a step that must need no time.</summary>
    public T Done<T>(Task<T> step)
    {
        Settle();
        Assert.True(step.IsCompleted, "A step that should need no time waits for something.");
        return step.GetAwaiter().GetResult();
    }

    public void Done(ValueTask step) => Done(AsBool(step.AsTask()));

    private static async Task<bool> AsBool(Task step)
    {
        await step;
        return true;
    }
}
