using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Overload;
using Millpond.Reading;

namespace Millpond.WarmingUp;

/// <summary>
/// Warms one keyspace up, once: asks its sources for keys one after the other, and reads these in batches, at the pace that <see cref="WarmUpPace"/> allows and never while the source is under pressure. It ends when all are read, when
/// its time is over, when the local tier is full, or with the program; whatever fails on the way is told and counted, and fails nothing.
/// </summary>
internal sealed class WarmUpRun<TKey, TValue>(KeyspaceCore<TKey, TValue> core, ReadAhead<TKey, TValue> ahead, IReadOnlyList<KeySource<TKey>> sources) : IAsyncDisposable
    where TKey : notnull
{
    /// <summary>One round trip for many keys, and few enough that a batch in vain costs little.</summary>
    public const int BatchKeys = 100;

    /// <summary>Up to this share of what the keyspace may hold here: the first callers should not find that each of their misses has to push something out.</summary>
    public const double RoomShare = 0.9;

    private static readonly TimeSpan LookFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LookMax = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<bool> _ended = core.Surroundings.NewCompletion<bool>();
    private readonly WarmUpPace _pace = new(core.Counters);
    private WarmUpStatistics _figures = new() { State = WarmUpState.Waiting };
    private long _beganAt;
    private bool _stops;

    /// <summary>How it stands; written by the run alone.</summary>
    public WarmUpStatistics Figures
    {
        get => Volatile.Read(ref _figures) is var figures && figures.State == WarmUpState.Running ? figures with { Time = Elapsed } : figures;
        private set => Volatile.Write(ref _figures, value);
    }

    private TimeSpan Elapsed => TimeSpan.FromTicks(core.Surroundings.Now - _beganAt);

    private bool HasRoom
    {
        get
        {
            var (budget, local) = (core.Parts.Budget, core.Local.Bytes);
            return budget.Bytes < budget.BytesMax * RoomShare && local < Math.Min(core.Policy.Limits.LocalBytesMax, budget.BytesMax) * RoomShare;
        }
    }

    /// <summary>Begins, aside. Called once.</summary>
    public void Start()
    {
        _beganAt = core.Surroundings.Now;
        Figures = Figures with { State = WarmUpState.Running };
        core.Surroundings.RunAside(RunAsync);
    }

    /// <summary>Ends it if it has not ended yet, and waits for that.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Figures.State != WarmUpState.Waiting)
        {
            _stops = true;
            _stop.Cancel();
            await core.Surroundings.Fork(_ended.Task).ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var state = WarmUpState.Stopped;
        Exception? failure = null;
        using var time = new CancellationTokenSource(core.Policy.WarmUp.TimeMax, core.Surroundings.Time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(time.Token, _stop.Token, core.Lifetime);
        try
        {
            state = await WarmUpAsync(core.Policy.WarmUp.KeysMax, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            state = _stops || core.IsDisposed ? WarmUpState.Stopped : WarmUpState.OutOfTime;
        }
        catch (Exception thrown)
        {
            failure = thrown;
        }

        Figures = Figures with { State = state, Time = Elapsed };
        core.Listener.On(new WarmUpEnded(core.Name, Figures, failure));
        _ended.TrySetResult(true);
    }

    private async ValueTask<WarmUpState> WarmUpAsync(int keysMax, CancellationToken cancellationToken)
    {
        var known = new HashSet<TKey>();
        foreach (var source in sources)
        {
            await SourceIsCalmAsync(cancellationToken).ConfigureAwait(false);
            TKey[] keys = [.. (await GatherAsync(source, keysMax, cancellationToken).ConfigureAwait(false)).Where(key => known.Count < keysMax && known.Add(key))];
            Figures = Figures with { Keys = known.Count };
            if (!await ReadAllAsync(new Queue<TKey>(keys), cancellationToken).ConfigureAwait(false))
            {
                return WarmUpState.NoRoom;
            }
        }

        return WarmUpState.Complete;
    }

    /// <summary>Reads keys until none is left, or until there is no room: then false.</summary>
    private async ValueTask<bool> ReadAllAsync(Queue<TKey> left, CancellationToken cancellationToken)
    {
        var batch = new List<TKey>(BatchKeys);
        while (left.Count > 0)
        {
            await SourceIsCalmAsync(cancellationToken).ConfigureAwait(false);
            if (!HasRoom)
            {
                return false;
            }

            // A source that is being tried again lets few loads pass; and nobody else may be there to try it.
            var size = core.Parts.Source.Breaker == BreakerState.Closed ? BatchKeys : 1;
            for (batch.Clear(); batch.Count < size && left.TryDequeue(out var key);)
            {
                batch.Add(key);
            }

            var (rest, refused) = await ReadAsync(batch, cancellationToken).ConfigureAwait(false);
            foreach (var key in refused)
            {
                left.Enqueue(key);
            }

            rest = refused.Count > 0 && rest < LookFirst ? LookFirst : rest;
            if (rest > TimeSpan.Zero)
            {
                await core.Surroundings.Delay(rest, cancellationToken).ConfigureAwait(false);
            }
        }

        return true;
    }

    private async ValueTask<IReadOnlyList<TKey>> GatherAsync(KeySource<TKey> source, int keysMax, CancellationToken cancellationToken)
    {
        try
        {
            // Not longer than there is time, whether or not the user's code looks at its token.
            return await core.Surroundings.WaitAsync(source.GatherAsync(keysMax, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            Figures = Figures with { SourcesFailed = Figures.SourcesFailed + 1 };
            core.Listener.On(new WarmUpSourceFailed(core.Name, source.Name, failure));
            return [];
        }
    }

    private async ValueTask<(TimeSpan Pause, List<TKey> Refused)> ReadAsync(List<TKey> batch, CancellationToken cancellationToken)
    {
        var beganAt = core.Surroundings.Now;
        var read = await core.Surroundings.WaitAsync(ahead.ReadAsync(batch, cancellationToken).AsTask(), cancellationToken).ConfigureAwait(false);
        var before = Figures;
        Figures = before with
        {
            Held = before.Held + read.Held,
            FromShared = before.FromShared + read.Shared,
            Loaded = before.Loaded + read.Loaded,
            Missing = before.Missing + read.Missing,
            Failed = before.Failed + read.Failed,
        };
        if (read.Refused.Count > 0)
        {
            _pace.Pressed();
        }

        return (_pace.RestAfter(TimeSpan.FromTicks(core.Surroundings.Now - beganAt)), read.Refused);
    }

    /// <summary>Nothing is begun while callers wait for the source or it is left alone. What has begun goes behind them anyway.</summary>
    private async ValueTask SourceIsCalmAsync(CancellationToken cancellationToken)
    {
        for (var pause = LookFirst; core.Parts.Source.IsPressed; pause = pause * 2 < LookMax ? pause * 2 : LookMax)
        {
            _pace.Pressed();
            await core.Surroundings.Delay(pause, cancellationToken).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }
}
