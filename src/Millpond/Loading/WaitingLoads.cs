namespace Millpond.Loading;

/// <summary>
/// The loads that wait for a source. By priority; within a priority the keyspaces take turns, within a keyspace its tenants, and one tenant's loads go in the order they came, or
/// under overload the newest first: who has waited long has most likely gone. Bounded as a whole, and for each keyspace and tenant. Guarded by the guard's gate.
/// </summary>
internal sealed class WaitingLoads
{
    /// <summary>So often are those of a lower priority passed over until one of them goes first, so that none waits for ever.</summary>
    public const int PassesMax = 8;

    private readonly Turns<SourceShare>[] _lines = LoadPriorities.Lines<SourceShare>();
    private readonly int[] _passedOver = new int[LoadPriorities.Count];

    // Of callers' loads and of renewals, which callers may join: in the order they came, and so nearly in that of their deadlines.
    private readonly LinkedList<WaitingLoad>[] _byAge = [new(), new()];

    public int Count { get; private set; }

    /// <summary>Of those that callers wait for, the one that has waited longest.</summary>
    public WaitingLoad? OldestCaller => _byAge[(int)LoadPriority.Interactive].First?.Value;

    /// <summary>Of those that may not wait for ever, the one whose time is over first.</summary>
    public WaitingLoad? FirstDue => _byAge[(int)LoadPriority.Refresh].First?.Value is { } renewal && renewal.Deadline < (OldestCaller?.Deadline ?? long.MaxValue) ? renewal : OldestCaller;

    /// <summary>Whether a load waits that somebody waits for, or may come to wait for: anything but warm-up.</summary>
    public bool HasDemand => !_lines[(int)LoadPriority.Interactive].IsEmpty || !_lines[(int)LoadPriority.Refresh].IsEmpty;

    public void Add(WaitingLoad load)
    {
        var (tenant, line) = (load.Share, (int)load.Ask.Priority);
        load.InLine = tenant.Loads[line].AddLast(load);
        tenant.Keyspace.Tenants[line].Join(tenant);
        _lines[line].Join(tenant.Keyspace);
        tenant.Waiting++;
        tenant.Keyspace.Waiting++;
        Count++;
        if (line < _byAge.Length)
        {
            load.ByAge = _byAge[line].AddLast(load);
        }
    }

    /// <summary>Takes a load out; false if it has left already.</summary>
    public bool Remove(WaitingLoad load)
    {
        if (load.InLine is not { } place)
        {
            return false;
        }

        var (tenant, line) = (load.Share, (int)load.Ask.Priority);
        tenant.Loads[line].Remove(place);
        load.InLine = null;
        if (load.ByAge is { } age)
        {
            _byAge[line].Remove(age);
            load.ByAge = null;
        }

        if (tenant.Loads[line].Count == 0)
        {
            tenant.Keyspace.Tenants[line].Leave(tenant);
            if (tenant.Keyspace.Tenants[line].IsEmpty)
            {
                _lines[line].Leave(tenant.Keyspace);
            }
        }

        tenant.Waiting--;
        tenant.Keyspace.Waiting--;
        Count--;
        return true;
    }

    /// <summary>Takes out the load that goes next; null if none may.</summary>
    /// <param name="caps">What one keyspace and one tenant may have.</param>
    /// <param name="newestFirst">Whether the newest of a tenant's go first.</param>
    /// <param name="lowest">Those of a lower priority than this have to wait.</param>
    public WaitingLoad? TakeNext(ShareCaps caps, bool newestFirst, LoadPriority lowest = LoadPriority.WarmUp)
    {
        for (var line = (int)lowest; line > 0; line--)
        {
            if (_passedOver[line] >= PassesMax && TakeFrom(line, caps, newestFirst) is { } patient)
            {
                return patient;
            }
        }

        for (var line = 0; line <= (int)lowest; line++)
        {
            if (TakeFrom(line, caps, newestFirst) is { } next)
            {
                return next;
            }
        }

        return null;
    }

    /// <summary>
    /// Who has to go so that one more can wait, where the line is full: in all, for his keyspace or for his tenant. Somebody of a lower priority, the newest first; under overload
    /// the oldest of the same tenant; else nobody.
    /// </summary>
    public WaitingLoad? VictimFor(PlaceAsk ask, TenantShare tenant, ShedReason full, bool isOverload)
    {
        for (var line = LoadPriorities.Count - 1; line > (int)ask.Priority; line--)
        {
            var from = full switch
            {
                ShedReason.TenantFull => tenant,
                ShedReason.KeyspaceFull => tenant.Keyspace.Tenants[line].Last,
                _ => _lines[line].Last?.Tenants[line].Last,
            };
            if (from?.Loads[line].Last is { } lower)
            {
                return lower.Value;
            }
        }

        return isOverload ? tenant.Loads[(int)ask.Priority].First?.Value : null;
    }

    private WaitingLoad? TakeFrom(int line, ShareCaps caps, bool newestFirst)
    {
        TenantShare? tenant = null;
        _lines[line].Next(keyspace => caps.LetIn(keyspace) && (tenant = keyspace.Tenants[line].Next(caps.LetIn)) is not null);
        if (tenant is null)
        {
            return null;
        }

        _passedOver[line] = 0;
        for (var lower = line + 1; lower < LoadPriorities.Count; lower++)
        {
            _passedOver[lower] += _lines[lower].IsEmpty ? 0 : 1;
        }

        var load = (newestFirst ? tenant.Loads[line].Last : tenant.Loads[line].First)!.Value;
        Remove(load);
        return load;
    }
}
