using Millpond.Shared;

namespace Millpond.WarmSides;

/// <summary>
/// What of one keyspace changed a short while ago, as this process heard it: keys by their texts, scopes and the keyspace by their names. Whatever is heard late counts as changed late, which only holds it off for longer.
/// </summary>
internal sealed class RecentChanges(Func<long> now, Func<TimeSpan> holdOff)
{
    /// <summary>Past so many changes within the hold-off they are not told apart any more: then everything counts as changed. A hundred bytes each.</summary>
    public const int EntriesMax = 50_000;

    private const string KeyMark = "k";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _changedAt = new(StringComparer.Ordinal);
    private readonly Queue<(string Name, long At)> _order = new();
    private long _allChangedAt = long.MinValue;

    public void Note(in Change change)
    {
        lock (_gate)
        {
            var at = now();
            ForgetNeedsGate(at);
            if (change.Kind == ChangeKind.Keyspace || _order.Count >= EntriesMax)
            {
                _changedAt.Clear();
                _order.Clear();
                _allChangedAt = at;
                return;
            }

            // Keys and scopes are told apart by their first character, as scopes are among each other.
            var name = change.Kind == ChangeKind.Key ? KeyMark + change.Name : change.Name;
            _changedAt[name] = at;
            _order.Enqueue((name, at));
        }
    }

    /// <summary>When a key, or all keys, changed last, in ticks; <see cref="long.MinValue"/> if not within the hold-off.</summary>
    public long KeyChangedAt(string text) => ChangedAt(KeyMark + text);

    /// <summary>When a scope changed last, likewise.</summary>
    public long ScopeChangedAt(string scope) => ChangedAt(scope);

    private long ChangedAt(string name)
    {
        lock (_gate)
        {
            return Math.Max(_allChangedAt, _changedAt.GetValueOrDefault(name, long.MinValue));
        }
    }

    private void ForgetNeedsGate(long at)
    {
        var until = at - holdOff().Ticks;
        while (_order.TryPeek(out var oldest) && oldest.At < until)
        {
            _order.Dequeue();
            if (_changedAt.GetValueOrDefault(oldest.Name) == oldest.At)
            {
                _changedAt.Remove(oldest.Name);
            }
        }
    }
}
