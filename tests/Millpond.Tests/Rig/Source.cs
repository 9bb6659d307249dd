namespace Millpond.Tests.Rig;

/// <summary>A system of record whose rows the test writes and whose loads it can hold in the middle.</summary>
internal sealed class Source
{
    private readonly Dictionary<int, string?> _rows = [];
    private readonly List<TaskCompletionSource> _held = [];
    private bool _holds;

    public int Loads { get; private set; }

    public int Batches { get; private set; }

    /// <summary>The keys of each batch.</summary>
    public List<IReadOnlyList<int>> Asked { get; } = [];

    public Exception? Failure { get; set; }

    /// <summary>The token of the latest load.</summary>
    public CancellationToken Token { get; private set; }

    public string? this[int key]
    {
        get => _rows.GetValueOrDefault(key);
        set => _rows[key] = value;
    }

    /// <summary>Whether loads look at their token.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>How many loads stand at the gate.</summary>
    public int Held => _held.Count;

    /// <summary>From now on loads read their row and then wait for <see cref="Release"/>.</summary>
    public void Hold() => _holds = true;

    public void Release()
    {
        _holds = false;
        TaskCompletionSource[] held = [.. _held];
        _held.Clear();
        foreach (var load in held)
        {
            load.TrySetResult();
        }
    }

    public async ValueTask<string?> LoadAsync(int key, CancellationToken cancellationToken)
    {
        Loads++;
        Token = cancellationToken;
        var snapshot = _rows.GetValueOrDefault(key);
        if (_holds)
        {
            // One for each load: the platform resumes only one awaiter of a task on the thread that completes it.
            var gate = new TaskCompletionSource();
            _held.Add(gate);
            using (cancellationToken.Register(() => _ = IsDeaf || gate.TrySetCanceled(cancellationToken)))
            {
                await gate.Task;
            }
        }

        return Failure is null ? snapshot : throw Failure;
    }

    public ValueTask<IReadOnlyDictionary<int, string>> LoadManyAsync(IReadOnlyList<int> keys, CancellationToken cancellationToken)
    {
        Batches++;
        Token = cancellationToken;
        Asked.Add(keys);
        if (Failure is not null)
        {
            throw Failure;
        }

        return new(keys.Where(key => _rows.GetValueOrDefault(key) is not null).ToDictionary(key => key, key => _rows[key]!));
    }
}
