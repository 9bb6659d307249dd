namespace Millpond.Writing.Behind;

/// <summary>What people ask of the flusher, handed over to the run that leads: it does them between two batches, so that none of them meets a batch of the same key.</summary>
internal sealed class FlushCommands<TKey, TValue>(BehindParts<TKey, TValue> parts)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Queue<Command> _waiting = new();
    private Action? _wake;
    private int _hurries;

    public bool IsLeading
    {
        get
        {
            lock (_gate)
            {
                return _wake is not null;
            }
        }
    }

    /// <summary>Whether one waits.</summary>
    public bool HasAny
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>Whether somebody waits for the journal to be flushed.</summary>
    public bool Hurries => Volatile.Read(ref _hurries) > 0;

    public async ValueTask<int> AddAsync(Func<FlushRun<TKey, TValue>, CancellationToken, ValueTask<int>> act, CancellationToken cancellationToken)
    {
        var done = parts.Surroundings.NewCompletion<int>();
        lock (_gate)
        {
            if (_wake is null)
            {
                throw new MillpondException(ErrorCode.JournalLeadLost, $"This instance does not flush '{parts.Name}' now, so it cannot change its dead letters. Ask the instance whose statistics say that it flushes.") { Keyspace = parts.Name };
            }

            _waiting.Enqueue(new Command(act, done));
        }

        Wake();
        return await parts.Surroundings.WaitAsync(done.Task, cancellationToken).ConfigureAwait(false);
    }

    public void HurryBegins()
    {
        Interlocked.Increment(ref _hurries);
        Wake();
    }

    public void HurryEnds() => Interlocked.Decrement(ref _hurries);

    /// <summary>A run leads from now on; it is woken by this.</summary>
    public void Leads(Action wake)
    {
        lock (_gate)
        {
            _wake = wake;
        }
    }

    /// <summary>Nobody here leads any more. Whoever waits is told.</summary>
    public void NobodyLeads()
    {
        Command[] left;
        lock (_gate)
        {
            _wake = null;
            left = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var command in left)
        {
            command.Done.TrySetException(new MillpondException(ErrorCode.JournalLeadLost, $"This instance stopped flushing '{parts.Name}' before it came to that. Ask again.") { Keyspace = parts.Name });
        }
    }

    public async ValueTask RunAllAsync(FlushRun<TKey, TValue> run, CancellationToken cancellationToken)
    {
        while (true)
        {
            Command command;
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out command!))
                {
                    return;
                }
            }

            try
            {
                command.Done.TrySetResult(await command.Act(run, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception failure)
            {
                command.Done.TrySetException(failure is OperationCanceledException
                    ? new MillpondException(ErrorCode.JournalLeadLost, $"This instance stopped flushing '{parts.Name}' meanwhile. Ask again.", failure) { Keyspace = parts.Name }
                    : failure);
                throw;
            }
        }
    }

    private void Wake()
    {
        Action? wake;
        lock (_gate)
        {
            wake = _wake;
        }

        wake?.Invoke();
    }

    private sealed record Command(Func<FlushRun<TKey, TValue>, CancellationToken, ValueTask<int>> Act, TaskCompletionSource<int> Done);
}
