using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Shared;
using Millpond.Testing.Faults;

namespace Millpond.Tests.Anomalies;

/// <summary>One process of a <see cref="Fleet"/>.</summary>
internal sealed class Node(Fleet fleet, Func<int, string?> reads, FaultySharedTier network)
{
    private TaskCompletionSource<bool>? _gate;
    private TaskCompletionSource<bool>? _held;
    private int _loading;

    public Keyspace<int, string> Things { get; set; } = null!;

    public FaultySharedTier Network { get; } = network;

    public Events Heard { get; } = new();

    public int Loads { get; private set; }

    public int LoadsAtOnceMax { get; private set; }

    public SharedKey Name => Things.Core.NameOf(Fleet.K);

    /// <summary>Loads read their row and then wait, as a load does whose answer is on its way.</summary>
    public void HoldLoads() => _gate = _held = fleet.Surroundings.NewCompletion<bool>();

    /// <summary>Loads that begin from now on are not held; those held stay so.</summary>
    public void HoldNoMore() => _gate = null;

    public void ReleaseLoads()
    {
        _gate = null;
        _held?.SetResult(true);
        _held = null;
        fleet.Settle();
    }

    /// <summary>Begins a read that may have to wait.</summary>
    public Task<string?> Begin(int key = Fleet.K)
    {
        var read = Things.GetAsync(key).AsTask();
        fleet.Settle();
        return read;
    }

    public string? Read(int key = Fleet.K) => fleet.Done(Begin(key));

    /// <summary>A read that accepts nothing loaded before it began.</summary>
    public string? ReadFresh(int key = Fleet.K) => fleet.Done(Things.ReadAsync(key, ReadOptions.AtMost(TimeSpan.Zero)).AsTask()).Value;


    /// <summary>How long from now this process goes on to read a value that is not P's, as seen by a caller who reads often.</summary>
    public TimeSpan StaleFor(TimeSpan watched)
    {
        var (began, last) = (fleet.Elapsed, TimeSpan.Zero);
        while (fleet.Elapsed - began < watched)
        {
            fleet.Pass(Fleet.Heartbeat / 20);
            last = Read() == fleet.P[Fleet.K] ? last : fleet.Elapsed - began;
        }

        return last;
    }

    public bool Holds(int key = Fleet.K) => Things.TryPeek(key, out _);

    /// <summary>Commits a value to P and tells nobody.</summary>
    public void Commit(string? value, int key = Fleet.K) => fleet.P[key] = value;

    public void Invalidate(params int[] keys) => fleet.Done(Things.InvalidateManyAsync(keys.Length == 0 ? [Fleet.K] : keys));

    /// <summary>The ordinary write: commit, then invalidate.</summary>
    public void Write(string? value, int key = Fleet.K)
    {
        Commit(value, key);
        Invalidate(key);
    }

    public WriteTicket<string> BeginWrite(int key = Fleet.K) => fleet.Done(Things.BeginWriteAsync(key).AsTask());

    public bool Set(WriteTicket<string> ticket, string value) => fleet.Done(ticket.SetAsync(value).AsTask());

    public void GiveUp(WriteTicket<string> ticket) => fleet.Done(ticket.DisposeAsync());

    public FaultGate Hold(SharedOperation operation, FaultPoint point) => Network.Operations.Gate(operation, point);

    public void Release(FaultGate gate)
    {
        gate.Release();
        fleet.Settle();
    }

    public async ValueTask<string?> LoadAsync(int key, CancellationToken cancellationToken)
    {
        Loads++;
        LoadsAtOnceMax = Math.Max(LoadsAtOnceMax, ++_loading);
        try
        {
            var row = reads(key);
            if (_gate is { } gate)
            {
                await fleet.Surroundings.WaitAsync(fleet.Surroundings.Fork(gate.Task), cancellationToken);
            }

            return row;
        }
        finally
        {
            _loading--;
        }
    }

    internal sealed class Events : CacheListener
    {
        public List<ChannelEventKind> Channel { get; } = [];

        public List<FillOutcome> Refused { get; } = [];

        public override void On(in ChannelEvent e) => Channel.Add(e.Kind);

        public override void On(in FillRefused e) => Refused.Add(e.Outcome);
    }
}
