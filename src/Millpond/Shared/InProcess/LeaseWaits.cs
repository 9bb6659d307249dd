namespace Millpond.Shared.InProcess;

/// <summary>
/// Who waits for which lease to end. Marked as ended under the partition's lock, completed after it: a completion may run its waiter at
/// once where a simulator provides it, and that waiter reads again.
/// </summary>
internal sealed class LeaseWaits
{
    private readonly Dictionary<string, List<TaskCompletionSource<bool>>> _byKey = new(StringComparer.Ordinal);
    private List<TaskCompletionSource<bool>> _ended = [];

    public void Add(string key, TaskCompletionSource<bool> wait)
    {
        if (!_byKey.TryGetValue(key, out List<TaskCompletionSource<bool>>? waits))
            _byKey[key] = waits = [];
        waits.Add(wait);
    }

    public void Remove(string key, TaskCompletionSource<bool> wait)
    {
        if (_byKey.TryGetValue(key, out List<TaskCompletionSource<bool>>? waits) && waits.Remove(wait) && waits.Count == 0)
            _byKey.Remove(key);
    }

    public void End(string key)
    {
        if (_byKey.Count > 0 && _byKey.Remove(key, out List<TaskCompletionSource<bool>>? waits))
            _ended.AddRange(waits);
    }

    public void EndAll()
    {
        // In the order of the keys, because that of a dictionary would differ from run to run.
        foreach (string key in _byKey.Keys.Order(StringComparer.Ordinal).ToArray())
            End(key);
    }

    public bool HasEnded => Volatile.Read(ref _ended).Count > 0;

    /// <summary>Those to complete now; whoever takes them must.</summary>
    public List<TaskCompletionSource<bool>> TakeEnded()
    {
        List<TaskCompletionSource<bool>> ended = _ended;
        _ended = [];
        return ended;
    }
}
