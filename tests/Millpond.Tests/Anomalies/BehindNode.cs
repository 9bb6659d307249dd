using Millpond.Journals;
using Millpond.Sinks;
using Millpond.Testing.Journals;
using Millpond.Testing.Sinks;

namespace Millpond.Tests.Anomalies;

/// <summary>What all processes of a schedule about write-behind share: the journal's store, and P with its ledger.</summary>
internal sealed class BehindScene
{
    public BehindScene(Fleet fleet)
    {
        Fleet = fleet;
        Store = new InMemoryJournalStore(fleet.Surroundings);
        Source.Put(Fleet.K, "v1");
        Source.Applied = item => fleet.P[item.Key] = item.Kind == JournalKind.Set ? item.Value : null;
    }

    public Fleet Fleet { get; }

    public InMemoryJournalStore Store { get; }

    public InMemorySink<int, string> Source { get; } = new();

    /// <summary>What P went through for a key, by write-behind.</summary>
    public string HistoryOf(int key = Fleet.K) => string.Join(", ", Source.History.Where(item => item.Key == key).Select(item => item.Value ?? "absent"));

    public BehindNode Add(Action<WriteBehindOptions>? options = null) => new(this, options);

    /// <summary>Long enough for a lead to be sought, a batch to gather and to be flushed.</summary>
    public void Flush() => Fleet.Pass(TimeSpan.FromSeconds(20));
}

/// <summary>One process that writes behind.</summary>
internal sealed class BehindNode
{
    private readonly BehindScene _scene;
    private readonly IWriteJournal _journal;
    private readonly Line _line;

    public BehindNode(BehindScene scene, Action<WriteBehindOptions>? options)
    {
        _scene = scene;
        _journal = scene.Store.NewJournal();
        _line = new Line(scene);
        Node = scene.Fleet.Add(k => k.WriteBehind(_ => _journal, _ => _line, o =>
        {
            o.DrainMax = TimeSpan.Zero;
            options?.Invoke(o);
        }));
    }

    public Node Node { get; }

    public IWriteBehind Behind => Node.Things.Behind!;

    public Task<WriteResult<string>> BeginWrite(string value, int key = Fleet.K)
    {
        var write = Node.Things.WriteAsync(key, value).AsTask();
        _scene.Fleet.Settle();
        return write;
    }

    public WriteResult<string> Write(string value, int key = Fleet.K) => _scene.Fleet.Done(BeginWrite(value, key));

    /// <summary>The process dies: nothing that it asks for is answered any more, and its lead is free.</summary>
    public void Kill()
    {
        _line.IsDead = true;
        _scene.Store.Kill(_journal);
    }

    /// <summary>The process's way to P.</summary>
    private sealed class Line(BehindScene scene) : IWriteSink<int, string>
    {
        public bool IsDead { get; set; }

        public async ValueTask<long> TakeOverAsync(SinkLead lead, string lane, CancellationToken cancellationToken)
        {
            await AliveAsync(cancellationToken);
            return await scene.Source.TakeOverAsync(lead, lane, cancellationToken);
        }

        public async ValueTask ApplyAsync(SinkBatch<int, string> batch, CancellationToken cancellationToken)
        {
            await AliveAsync(cancellationToken);
            await scene.Source.ApplyAsync(batch, cancellationToken);
        }

        private async Task AliveAsync(CancellationToken cancellationToken)
        {
            if (IsDead)
            {
                await scene.Fleet.Surroundings.WaitAsync(scene.Fleet.Surroundings.NewCompletion<bool>().Task, cancellationToken);
            }
        }
    }
}
