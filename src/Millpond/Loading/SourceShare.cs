using System.Numerics;

namespace Millpond.Loading;

/// <summary>What one keyspace has of a source: loads under way, loads that wait, and how long its loads usually take. Guarded by the guard's gate.</summary>
internal sealed class SourceShare : ITurnTaker<SourceShare>
{
    private readonly LatencyBaseline?[] _baselines = new LatencyBaseline?[32];
    private readonly Dictionary<string, TenantShare> _tenants = new(StringComparer.Ordinal);
    private readonly TenantShare _whole;

    public SourceShare(string keyspace)
    {
        Keyspace = keyspace;
        _whole = new TenantShare(this, null);
    }

    public string Keyspace { get; }

    public int Inside { get; set; }

    public int Waiting { get; set; }

    public LinkedListNode<SourceShare>?[] Places { get; } = new LinkedListNode<SourceShare>?[LoadPriorities.Count];

    public Turns<TenantShare>[] Tenants { get; } = LoadPriorities.Lines<TenantShare>();

    public TenantShare Of(string? tenant)
    {
        if (tenant is null)
        {
            return _whole;
        }

        if (!_tenants.TryGetValue(tenant, out var share))
        {
            _tenants[tenant] = share = new TenantShare(this, tenant);
        }

        return share;
    }

    /// <summary>Forgets a tenant who has nothing here any more: a program may have a million of them.</summary>
    public void Tidy(TenantShare tenant)
    {
        if (tenant is { Tenant: { } name, Inside: 0, Waiting: 0 })
        {
            _tenants.Remove(name);
        }
    }

    /// <summary>Batches of about the same size take about the same time.</summary>
    public LatencyBaseline BaselineOf(int keys) => _baselines[BitOperations.Log2((uint)Math.Max(keys, 1))] ??= new LatencyBaseline();
}

/// <summary>What one tenant has of a keyspace's share; or the whole of it, where there are no tenants.</summary>
internal sealed class TenantShare(SourceShare keyspace, string? tenant) : ITurnTaker<TenantShare>
{
    public SourceShare Keyspace => keyspace;

    public string? Tenant => tenant;

    public int Inside { get; set; }

    public int Waiting { get; set; }

    public LinkedListNode<TenantShare>?[] Places { get; } = new LinkedListNode<TenantShare>?[LoadPriorities.Count];

    /// <summary>Its loads that wait, by priority, in the order they came.</summary>
    public LinkedList<WaitingLoad>[] Loads { get; } = [new(), new(), new()];
}

/// <summary>How much of something one keyspace, or one tenant of it, may take.</summary>
/// <param name="Whole">How much there is.</param>
/// <param name="KeyspaceMax">What one keyspace may take.</param>
/// <param name="TenantMax">What one tenant may take.</param>
internal readonly record struct ShareCaps(int Whole, int KeyspaceMax, int TenantMax)
{
    /// <summary>For handing out refusals: everybody gets one.</summary>
    public static ShareCaps None { get; } = new(int.MaxValue, int.MaxValue, int.MaxValue);

    public static ShareCaps Of(int whole, double keyspaceShare, double tenantShare)
    {
        var keyspace = Math.Max(1, (int)(whole * keyspaceShare));
        return new(whole, keyspace, Math.Max(1, (int)(keyspace * tenantShare)));
    }

    public bool LetIn(SourceShare keyspace) => keyspace.Inside < KeyspaceMax;

    public bool LetIn(TenantShare tenant) => tenant.Tenant is null || tenant.Inside < TenantMax;
}

/// <summary>Priorities as numbers.</summary>
internal static class LoadPriorities
{
    public const int Count = 3;

    public static Turns<T>[] Lines<T>()
        where T : class, ITurnTaker<T> => [new(LoadPriority.Interactive), new(LoadPriority.Refresh), new(LoadPriority.WarmUp)];
}
