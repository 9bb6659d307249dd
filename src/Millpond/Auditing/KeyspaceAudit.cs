using Millpond.Explaining;
using Millpond.Keyspaces;
using Millpond.Loading;
using Millpond.Overload;
using Millpond.Policies;
using Millpond.Shared;

namespace Millpond.Auditing;

/// <summary>
/// Draws keys of one keyspace and compares what its tiers would serve with what the source says. It keeps nothing of what it loads: an auditor that mends what it finds finds it no more.
/// </summary>
internal sealed class KeyspaceAudit<TKey, TValue> : IAuditedKeyspace
    where TKey : notnull
{
    private readonly KeyspaceCore<TKey, TValue> _core;
    private readonly Explainer<TKey, TValue> _explainer;
    private readonly TierLooks<TKey, TValue> _looks;
    private readonly Lock _gate = new();
    private TKey? _changed;
    private int _heard;

    public KeyspaceAudit(KeyspaceCore<TKey, TValue> core, Explainer<TKey, TValue> explainer, TierLooks<TKey, TValue> looks)
    {
        (_core, _explainer, _looks, Tally) = (core, explainer, looks, new AuditTally(core.Name));
        core.KeyChanged = Hear;
    }

    public AuditTally Tally { get; }

    public IAuditedKey? Draw()
    {
        lock (_gate)
        {
            if (_heard > 0)
            {
                _heard = 0;
                return new Audited(this, _changed!);
            }
        }

        return _core.Local.TryDraw(_core.Surroundings.NextDouble(), _core.Surroundings.NextDouble(), out var held) ? new Audited(this, held!) : null;
    }

    /// <summary>Any of the changes since the last draw is as likely to be the next one drawn.</summary>
    private void Hear(TKey key)
    {
        if (_gate.TryEnter())
        {
            _heard++;
            _changed = _heard == 1 || _core.Surroundings.NextDouble() * _heard < 1 ? key : _changed;
            _gate.Exit();
        }
    }

    private async ValueTask<AuditLook> CompareAsync(TKey key, CancellationToken cancellationToken)
    {
        // The tiers first: a change that comes in between makes a suspect, which the next look clears; the other way round it would hide one.
        var local = _looks.Local(key);
        var shared = _core.Tier.Capabilities.HoldsValues && _core.Policy.Options.Sliding == TimeSpan.Zero
            ? await _looks.SharedAsync(key, _core.NameOf(key), cancellationToken).ConfigureAwait(false)
            : default;
        if (!IsServed(local) && !IsServed(shared))
        {
            return new(AuditOutcome.Nothing);
        }

        if (await LoadAsync(key, cancellationToken).ConfigureAwait(false) is not { } said)
        {
            return new(AuditOutcome.Unknown);
        }

        var (hereAgrees, thereAgrees) = (Agrees(local, said), Agrees(shared, said));
        return hereAgrees is null || thereAgrees is null ? new(AuditOutcome.Unknown)
            : (hereAgrees, thereAgrees) switch
            {
                (true, true) => new(AuditOutcome.Same),
                (false, true) => new(AuditOutcome.Differs, "the local tier"),
                (true, false) => new(AuditOutcome.Differs, "the shared tier"),
                _ => new(AuditOutcome.Differs, "both tiers"),
            };
    }

    private static bool IsServed(in TierLook<TValue> look) => look.Entry is not null && look.Judgement.Verdict is Verdict.Fresh or Verdict.FreshButRenew;

    private bool? Agrees(in TierLook<TValue> look, in LoadResult<TValue> said)
    {
        if (!IsServed(look))
        {
            return true;
        }

        var entry = look.Entry!;
        var isThere = said.Kind != LoadResultKind.NotFound;
        return entry.Kind == RecordKind.Negative || !isThere ? (entry.Kind == RecordKind.Negative) != isThere : AreSame(entry.Value!, said.Value!);
    }

    /// <summary>By their own equality, or by what would be stored of them; null if neither says.</summary>
    private bool? AreSame(TValue held, TValue said)
    {
        if (EqualityComparer<TValue>.Default.Equals(held, said))
        {
            return true;
        }

        if (!_core.Tier.Capabilities.HoldsValues)
        {
            // Nothing is ever encoded there. A type that does not say what equal means has only the reference to go by, which says nothing.
            return typeof(TValue).IsValueType || held is IEquatable<TValue> ? false : null;
        }

        try
        {
            var bytesMax = _core.Policy.Limits.ValueBytesMax;
            using var one = _core.Parts.Codec.Encode(held, bytesMax);
            using var other = _core.Parts.Codec.Encode(said, bytesMax);
            return one.Span.SequenceEqual(other.Span);
        }
        catch (MillpondException)
        {
            return null;
        }
    }

    /// <summary>What the source says; null if it was not let, failed, or took too long.</summary>
    private async ValueTask<LoadResult<TValue>?> LoadAsync(TKey key, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_core.Policy.Options.LoadTimeout, _core.Surroundings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var place = await _core.Parts.Source.EnterAsync(new PlaceAsk(_core.Name, _core.Parts.Naming.TenantOf(key), LoadPriority.WarmUp), either.Token).ConfigureAwait(false);
            if (place.Refusal is not null)
            {
                return null;
            }

            var end = CallEnd.Failed;
            try
            {
                var said = await CallAsync(key, either.Token).ConfigureAwait(false);
                end = CallEnd.Succeeded;
                return said;
            }
            finally
            {
                _core.Parts.Source.Leave(place, cancellationToken.IsCancellationRequested ? CallEnd.Unknown : end);
            }
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whoever reads the keyspace hears of a source that fails.
            return null;
        }
    }

    private async ValueTask<LoadResult<TValue>?> CallAsync(TKey key, CancellationToken cancellationToken)
    {
        if (_core.Parts.Loader is { } loader)
        {
            var said = await loader(new() { Key = key }, cancellationToken).ConfigureAwait(false);
            return said.Kind == LoadResultKind.NotModified ? null : said;
        }

        var many = await _core.Parts.BatchLoader!([key], cancellationToken).ConfigureAwait(false);
        return many is null ? null : many.TryGetValue(key, out var value) ? LoadResult.From(value) : LoadResult.NotFound<TValue>();
    }

    private sealed class Audited(KeyspaceAudit<TKey, TValue> audit, TKey key) : IAuditedKey
    {
        public string Text => audit._core.NameOf(key).Text;

        public ValueTask<AuditLook> CompareAsync(CancellationToken cancellationToken) => audit.CompareAsync(key, cancellationToken);

        public ValueTask<Explanation> ExplainAsync(CancellationToken cancellationToken) => audit._explainer.ExplainAsync(key, cancellationToken);
    }
}
