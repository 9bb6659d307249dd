using Microsoft.Extensions.DependencyInjection;
using Millpond.Events;
using Millpond.Journals;
using Millpond.Sinks;
using Millpond.Testing.Journals;
using Millpond.Testing.Sinks;
using Millpond.Testing.Time;

namespace Millpond.Tests.Writing.Behind;

/// <summary>A program that writes behind, in simulated time: a journal and a source in memory that outlive it.</summary>
internal sealed class BehindRig
{
    private readonly List<ServiceProvider> _programs = [];

    private BehindRig() => Store = new InMemoryJournalStore(Surroundings);

    public SimulatedSurroundings Surroundings { get; } = new(seed: 1);

    public InMemoryJournalStore Store { get; }

    public InMemorySink<int, string> Source { get; } = new();

    public Heard Events { get; } = new();

    public int Loads { get; private set; }

    public static void Run(Func<BehindRig, Task> body)
    {
        var rig = new BehindRig();
        rig.Surroundings.Run(async () =>
        {
            await body(rig);
            foreach (var program in rig._programs)
            {
                await program.DisposeAsync();
            }
        });
    }

    /// <summary>Starts an instance of the program.</summary>
    public (IKeyspace<int, string> Things, IWriteBehind Behind, ICache Cache) Start(Action<WriteBehindOptions>? options = null, Func<SinkBatch<int, string>, CancellationToken, ValueTask>? function = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<Millpond.Runtime.Surroundings>(Surroundings);
        services.AddSingleton<CacheListener>(Events);
        services.AddMillpond(m => m.AddKeyspace<int, string>("thing", k =>
        {
            k.Load((key, _) =>
            {
                Loads++;
                return ValueTask.FromResult(Source.Rows.GetValueOrDefault(key));
            });
            _ = function is null ? k.WriteBehind(_ => Store.NewJournal(), _ => Source, options) : k.WriteBehind(_ => Store.NewJournal(), function, options);
        }));
        var program = services.BuildServiceProvider();
        _programs.Add(program);
        var cache = program.GetRequiredService<ICache>();
        return (program.GetRequiredService<IKeyspace<int, string>>(), cache.WriteBehind("thing"), cache);
    }

    /// <summary>Ends the program as it ends by itself.</summary>
    public async Task StopAsync()
    {
        await _programs[^1].DisposeAsync();
        _programs.RemoveAt(_programs.Count - 1);
    }

    /// <summary>The outcome of a command, within a pause of the flusher. Not awaited, because whoever awaits it in simulated time goes on within the flusher that did it.</summary>
    public int Done(ValueTask<int> command)
    {
        var done = command.AsTask();
        Surroundings.RunUntilIdle();
        if (!done.IsCompleted)
        {
            Pass(TimeSpan.FromSeconds(10));
        }

        Assert.True(done.IsCompleted);
        return done.GetAwaiter().GetResult();
    }

    public void Pass(TimeSpan time)
    {
        var until = Surroundings.Clock.Elapsed + time;
        Surroundings.RunUntilIdle();
        while (Surroundings.Clock.NextTimer is { } next && Surroundings.Clock.Elapsed + next <= until)
        {
            Surroundings.Clock.Advance(next);
            Surroundings.RunUntilIdle();
        }

        Surroundings.Clock.Advance(until - Surroundings.Clock.Elapsed);
        Surroundings.RunUntilIdle();
    }

    internal sealed class Heard : CacheListener
    {
        public List<bool> Late { get; } = [];

        public List<int> Batches { get; } = [];

        public override void On(in FlushLagging e) => Late.Add(e.IsLate);

        public override void On(in Flushed e) => Batches.Add(e.Records);
    }
}
