namespace Millpond.Feeds.Applying;

/// <summary>What is touched in each keyspace of a feed.</summary>
internal sealed class ChangeSet(RuleBook rules)
{
    private readonly Touched?[] _touched = new Touched?[rules.Targets.Count];

    public bool IsEmpty => Array.TrueForAll(_touched, one => one is null or { Count: 0 });

    public int Count => _touched.Sum(one => one?.Count ?? 0);

    public Touched Of(int target) => _touched[target] ??= rules.Targets[target].NewTouched();

    public void Add(ChangeSet other)
    {
        for (var i = 0; i < _touched.Length; i++)
        {
            if (other._touched[i] is { } touched)
            {
                Of(i).Add(touched);
            }
        }
    }

    /// <summary>Makes it empty again.</summary>
    public void Clear()
    {
        for (var i = 0; i < _touched.Length; i++)
        {
            if (_touched[i] is { } touched && !touched.TryClear())
            {
                _touched[i] = null;
            }
        }
    }

    public async ValueTask ChangeAsync(ISet<Task<bool>> deferred)
    {
        for (var i = 0; i < _touched.Length; i++)
        {
            if (_touched[i] is { Count: > 0 } touched)
            {
                await rules.Targets[i].ChangeAsync(touched, deferred).ConfigureAwait(false);
            }
        }
    }
}
