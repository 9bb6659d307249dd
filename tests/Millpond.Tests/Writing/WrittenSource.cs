using Millpond.Shared;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Writing;

/// <summary>A system of record that is written through keyspaces, and whose commits the test can hold back.</summary>
internal sealed class WrittenSource
{
    private readonly Source _rows = new();
    private readonly List<TaskCompletionSource> _held = [];
    private bool _holdsWrites;

    public string? this[int key]
    {
        get => _rows[key];
        set => _rows[key] = value;
    }

    public int Loads => _rows.Loads;

    public Exception? Failure { get; set; }

    public bool Refuses { get; set; }

    public Func<string, string> Stored { get; set; } = value => value;

    public CancellationToken WriteToken { get; private set; }

    public void Hold() => _rows.Hold();

    public void Release() => _rows.Release();

    /// <summary>From now on writers wait for <see cref="Commit"/>, whatever their token says.</summary>
    public void HoldWrites() => _holdsWrites = true;

    public void Commit(int index)
    {
        var held = _held[index];
        _held.RemoveAt(index);
        held.SetResult();
    }

    public void Declare(KeyspaceBuilder<int, string> keyspace) => keyspace.Load(_rows.LoadAsync).WriteWith(WriteAsync);

    public IKeyspace<int, string> AddTo(Caches caches, Action<KeyspaceBuilder<int, string>>? declare = null, ISharedTier? tier = null, Heard? heard = null) =>
        caches.Add(_rows, k =>
        {
            Declare(k);
            declare?.Invoke(k);
        }, tier, heard);

    private async ValueTask<WriteResult<string>> WriteAsync(WriteContext<int, string> context, CancellationToken cancellationToken)
    {
        WriteToken = cancellationToken;
        if (_holdsWrites)
        {
            var gate = new TaskCompletionSource();
            _held.Add(gate);
            await gate.Task;
        }

        if (Failure is not null)
        {
            throw Failure;
        }

        if (Refuses)
        {
            return WriteResult.NotWritten<string>();
        }

        _rows[context.Key] = context.Kind == WriteKind.Delete ? null : Stored(context.Value!);
        return WriteResult.Written(_rows[context.Key]);
    }
}
