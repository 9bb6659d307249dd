using Millpond.Journals;
using Millpond.Keyspaces;
using Millpond.Runtime;

namespace Millpond.Writing.Behind;

/// <summary>Adds increments up while the journal is busy: one append is under way at a time, and takes with it all that came since the one before.</summary>
internal sealed class MergedCounters<TKey>(string name, KeyNaming<TKey> naming, BehindRoad<TKey, long> behind, Surroundings surroundings) : IMergedCounters<TKey>, ICountersHandle
    where TKey : notnull
{
    // Far below where a batch's sum could run over, far above what anybody counts at once.
    private const long DeltaMax = 1_000_000_000;
    private const int KeyBytesMax = 1024;

    private readonly Lock _gate = new();
    private Dictionary<string, long> _sums = new(StringComparer.Ordinal);
    private TaskCompletionSource<bool>? _round;
    private bool _isAppending;

    public string Name => name;

    public IBehind Behind => behind;

    public object Face => this;

    public async ValueTask AddAsync(TKey key, long delta = 1, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delta, DeltaMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(delta, -DeltaMax);
        cancellationToken.ThrowIfCancellationRequested();
        var text = naming.Text(key, KeyBytesMax);
        Task<bool> round;
        var begins = false;
        lock (_gate)
        {
            _sums[text] = _sums.GetValueOrDefault(text) + delta;
            round = (_round ??= surroundings.NewCompletion<bool>()).Task;
            if (!_isAppending)
            {
                _isAppending = begins = true;
            }
        }

        if (begins)
        {
            surroundings.RunAside(AppendRoundsAsync);
        }

        await surroundings.WaitAsync(round, cancellationToken).ConfigureAwait(false);
    }

    private async Task AppendRoundsAsync()
    {
        while (true)
        {
            Dictionary<string, long> sums;
            TaskCompletionSource<bool> round;
            lock (_gate)
            {
                if (_round is null)
                {
                    _isAppending = false;
                    return;
                }

                (sums, round, _sums, _round) = (_sums, _round, new(StringComparer.Ordinal), null);
            }

            try
            {
                await behind.AppendAsync([.. sums.Select(one => new JournalWrite(JournalKind.Increment, one.Key, default, one.Value))], CancellationToken.None).ConfigureAwait(false);
                round.TrySetResult(true);
            }
            catch (Exception failure)
            {
                round.TrySetException(failure is NotJournaledException { Reason: var reason } ? reason : failure);
            }
        }
    }
}

/// <summary>Counters without their key type.</summary>
internal interface ICountersHandle
{
    string Name { get; }

    object Face { get; }

    IBehind Behind { get; }
}
