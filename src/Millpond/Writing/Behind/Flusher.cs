namespace Millpond.Writing.Behind;

/// <summary>The flusher's life in this process: it asks for the lead, flushes while it has it, and begins anew when something fails.</summary>
internal sealed class Flusher<TKey, TValue>(BehindParts<TKey, TValue> parts, FlushLog log, Admission admission) : IDisposable
    where TKey : notnull
{
    private static readonly TimeSpan StandbyPeriod = TimeSpan.FromMilliseconds(500);
    // How long a sink may take to hear that it is over. Past it the program ends all the same, and the ledger judges what still arrives.
    private static readonly TimeSpan FarewellMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<bool> _stopped = parts.Surroundings.NewCompletion<bool>();
    private readonly FlushCommands<TKey, TValue> _commands = new(parts);
    private readonly BatchSize _size = new(parts.Options);
    private int _started;

    public void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            parts.Surroundings.RunAside(RunAsync);
        }
    }

    /// <summary>Has the instance that leads do something between two batches.</summary>
    public ValueTask<int> CommandAsync(Func<FlushRun<TKey, TValue>, CancellationToken, ValueTask<int>> act, CancellationToken cancellationToken) => _commands.AddAsync(act, cancellationToken);

    /// <summary>Returns when nothing is left that was there when it was called, flushing without delay meanwhile where this instance leads.</summary>
    public async ValueTask FlushedAsync(CancellationToken cancellationToken)
    {
        _commands.HurryBegins();
        try
        {
            while (parts.Journal.Depth.Records > log.UntoldRecords)
            {
                await parts.Surroundings.Delay(LookPeriod, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _commands.HurryEnds();
        }
    }

    /// <summary>Flushes what is left, for so long, and ends.</summary>
    public async Task StopAsync(TimeSpan drainMax)
    {
        if (_started == 0)
        {
            return;
        }

        if (_commands.IsLeading && drainMax > TimeSpan.Zero)
        {
            using var late = new CancellationTokenSource(drainMax, parts.Surroundings.Time);
            try
            {
                await FlushedAsync(late.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // What is left is in the journal, and is flushed after the next start.
            }
        }

        _stop.Cancel();
        await Task.WhenAny(_stopped.Task, parts.Surroundings.Delay(FarewellMax, CancellationToken.None)).ConfigureAwait(false);
        if (_stopped.Task.IsCompleted)
        {
            Dispose();
        }
    }

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        var pause = new FlushPause(parts.Options.RetryPauseMax, parts.Surroundings);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await LeadAsync(pause).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure)
            {
                log.State(FlusherState.Failing, failure);
                await WaitAsync(pause.Next()).ConfigureAwait(false);
            }
        }

        _stopped.TrySetResult(true);
    }

    private async Task LeadAsync(FlushPause pause)
    {
        var lead = await parts.Journal.TryLeadAsync(_stop.Token).ConfigureAwait(false);
        if (lead is null)
        {
            log.State(FlusherState.Standby, null);
            await WaitAsync(StandbyPeriod * (0.75 + (0.5 * parts.Surroundings.NextDouble()))).ConfigureAwait(false);
            return;
        }

        await using (lead.ConfigureAwait(false))
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, lead.Lost);
            var run = new FlushRun<TKey, TValue>(parts, lead, log, admission, pause, _size, _commands);
            try
            {
                await run.RunAsync(over.Token).ConfigureAwait(false);
            }
            finally
            {
                _commands.NobodyLeads();
                log.Untold(0, default);
            }
        }
    }

    private async Task WaitAsync(TimeSpan time)
    {
        try
        {
            await parts.Surroundings.Delay(time, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Whoever called looks.
        }
    }
}

/// <summary>Pauses that grow while attempts fail.</summary>
internal sealed class FlushPause(TimeSpan max, Runtime.Surroundings surroundings)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);

    private int _failures;

    public void Succeeded() => _failures = 0;

    public TimeSpan Next()
    {
        var pause = First * Math.Pow(2, Math.Min(_failures++, 20));
        return (pause < max ? pause : max) * (0.5 + (0.5 * surroundings.NextDouble()));
    }
}
