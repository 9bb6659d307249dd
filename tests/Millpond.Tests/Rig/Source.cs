namespace Millpond.Tests.Rig;

/// <summary>A system of record whose rows the test writes and whose loads it can hold in the middle.</summary>
internal sealed class Source
{
    private readonly Dictionary<int, string?> _rows = [];
    private TaskCompletionSource? _gate;

    public int Loads { get; private set; }

    public int Batches { get; private set; }

    public Exception? Failure { get; set; }

    /// <summary>The token of the latest load.</summary>
    public CancellationToken Token { get; private set; }

    public string? this[int key]
    {
        get => _rows.GetValueOrDefault(key);
        set => _rows[key] = value;
    }

    /// <summary>From now on loads read their row and then wait for <see cref="Release"/>.</summary>
    public void Hold() => _gate = new TaskCompletionSource();

    public void Release()
    {
        var gate = _gate;
        _gate = null;
        gate?.TrySetResult();
    }

    public async ValueTask<string?> LoadAsync(int key, CancellationToken cancellationToken)
    {
        Loads++;
        Token = cancellationToken;
        var snapshot = _rows.GetValueOrDefault(key);
        if (_gate is { } gate)
        {
            using (cancellationToken.Register(() => gate.TrySetCanceled(cancellationToken)))
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
        return new(keys.Where(key => _rows.GetValueOrDefault(key) is not null).ToDictionary(key => key, key => _rows[key]!));
    }
}
