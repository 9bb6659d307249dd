using Millpond.Redis.Layout;
using Millpond.Shared;

namespace Millpond.Redis.Live.Tests.Live.Watched;

/// <summary>Draws steps from a seed and makes them; two with the same seed are asked for the same.</summary>
internal sealed class RandomSteps
{
    public static readonly string[] Texts = ["1", "2", "schlüssel", ""];
    private static readonly string[] Scopes = ["#a", "#b", "@c", "#d", "#e"];

    private readonly RedisSharedTier _tier;
    private readonly PartitionId _partition;
    private readonly Random _random;
    private readonly List<(Nonce Nonce, string Text)> _leases = [];
    private PartitionState _state;
    private ulong _drawn;

    public RandomSteps(RedisSharedTier tier, string keyspace, int seed)
    {
        (_tier, _partition, _random) = (tier, new PartitionId(keyspace, 0), new Random(seed));
        Keys = new PartitionKeys(_partition, 1);
    }

    public PartitionKeys Keys { get; }

    /// <summary>Makes the next step, and says in words what it was and what was answered, but for what chance and clocks decide.</summary>
    public async Task<string> NextAsync() => _random.Next(40) == 0 ? await LoseAsync() : _random.Next(11) switch
    {
        0 or 1 => await ReadAsync(),
        2 => await ManyAsync(),
        3 => await AcquireAsync(),
        4 or 5 or 6 => await FillAsync(),
        7 => await ReleaseAsync(),
        8 => await ChangeAsync(),
        9 => await ControlAsync(),
        _ => _random.Next(3) == 0 ? await PutAsync() : await CountAsync(),
    };

    // As an engine evicts: one of the partition's own keys and not the others.
    private async Task<string> LoseAsync()
    {
        var which = _random.Next(3);
        await _tier.Client.ExecuteAsync("DEL", which == 0 ? Keys.Control : which == 1 ? Keys.Floors : Keys.Log);
        return $"lose {which}";
    }

    private async Task<string> ReadAsync()
    {
        var (key, ask) = (Key(), _random.Next(3) == 0 ? (LeaseAsk?)null : Ask());
        var reply = await _tier.ReadAsync(key, ask, default);
        Remember(reply.Lease, ask?.Nonce ?? default, key, reply.State);
        return $"read {key.Text}: {Said(reply)}";
    }

    private async Task<string> ManyAsync()
    {
        SharedKey[] keys = [Key(), Key(), Key()];
        LeaseAsk[] asks = [Ask(), Ask(), Ask()];
        var replies = await _tier.ReadManyAsync(keys, asks, default);
        for (var i = 0; i < keys.Length; i++)
        {
            Remember(replies[i].Lease, asks[i].Nonce, keys[i], replies[i].State);
        }

        return $"read {string.Join(", ", keys.Select(k => k.Text))}: {string.Join("; ", replies.Select(Said))}";
    }

    private async Task<string> AcquireAsync()
    {
        var (key, ask) = (Key(), Ask(_random.Next(3) == 0 ? LeasePurpose.Write : LeasePurpose.Load));
        var reply = await _tier.AcquireAsync(key, ask, default);
        Remember(reply.Outcome, ask.Nonce, key, reply.State);
        return $"acquire {key.Text} {ask.Purpose}: {reply.Outcome} {Said(reply.State)}";
    }

    private async Task<string> FillAsync()
    {
        var (nonce, text) = _leases.Count == 0 || _random.Next(8) == 0 ? (NextNonce(), Texts[0]) : _leases[^(1 + _random.Next(Math.Min(4, _leases.Count)))];
        var state = _random.Next(10) == 0 ? _state with { Incarnation = new Incarnation(1, 2) } : _state;
        var reply = await _tier.FillAsync(new Fill(new SharedKey(_partition, text), nonce, Record(state), TimeSpan.FromMilliseconds(_random.Next(2))), default);
        return $"fill {text}: {reply.Outcome} {Said(reply.State)}";
    }

    private async Task<string> ReleaseAsync()
    {
        var (nonce, text) = _leases.Count == 0 ? (NextNonce(), Texts[0]) : _leases[^1];
        await _tier.ReleaseAsync(new SharedKey(_partition, text), nonce, default);
        return $"release {text}";
    }

    private async Task<string> ChangeAsync()
    {
        Change[] changes = [.. Enumerable.Range(0, _random.Next(1, 8)).Select(_ => Change())];
        var reply = await _tier.ChangeAsync(_partition, changes, default);
        _state = reply.State;
        return $"change {string.Join(", ", changes)}: {Said(reply.State)}";
    }

    private async Task<string> ControlAsync()
    {
        var since = Math.Max(0, _state.Sequence - _random.Next(30) + 1);
        var reply = await _tier.ReadControlAsync(_partition, since, _random.Next(8) == 0 ? new Incarnation(3, 4) : _state.Incarnation, default);
        _state = reply.State;
        var floors = string.Join(" ", reply.Floors.OrderBy(f => f.Key, StringComparer.Ordinal));
        return $"control since {since}: {Said(reply.State)} floor {reply.KeyspaceFloor} floors {floors} changes {(reply.ChangesSince is null ? "unknown" : string.Join(" ", reply.ChangesSince))}";
    }

    private async Task<string> PutAsync()
    {
        var key = Key();
        var reply = await _tier.PutAsync(key, Record(_state), default);
        return $"put {key.Text}: {Said(reply.State)}";
    }

    private async Task<string> CountAsync()
    {
        var (key, delta) = (Key(), _random.NextInt64(-1L << 60, 1L << 60));
        var ask = new CounterAsk(delta, _random.Next(2) == 0 ? null : TimeSpan.FromHours(1), _random.Next(2) == 0 ? long.MaxValue : delta / 2);
        var reply = await _tier.CountAsync(key, ask, default);
        return $"count {key.Text} {ask}: {reply.Sum} {reply.IsCounted} {reply.TimeLeft is null}";
    }

    private static string Said(ReadReply reply) =>
        $"{(reply.Record is { } record ? $"{record.Kind} {Convert.ToHexString(record.Payload.Span)} {record.Stamp} {record.FilledUnder}" : "none")} {reply.IsInvalidated} {reply.Lease} {Said(reply.State)}";

    private static string Said(PartitionState state) => $"@{state.Sequence}/{state.FloorSequence}";

    private void Remember(LeaseOutcome outcome, Nonce nonce, SharedKey key, PartitionState state)
    {
        _state = state;
        if (outcome == LeaseOutcome.Granted)
        {
            _leases.Add((nonce, key.Text));
        }
    }

    private Change Change() => _random.Next(20) switch
    {
        0 => Millpond.Shared.Change.OfKeyspace(),
        < 10 => Millpond.Shared.Change.OfScope(Scopes[_random.Next(Scopes.Length)]),
        _ => Millpond.Shared.Change.OfKey(Texts[_random.Next(Texts.Length)], _random.Next(2) == 0 ? AfterInvalidation.Gone : AfterInvalidation.Stale),
    };

    private SharedRecord Record(PartitionState loadedAt)
    {
        var isNegative = _random.Next(5) == 0;
        var bytes = new byte[isNegative ? 0 : _random.Next(40)];
        _random.NextBytes(bytes);
        return new SharedRecord
        {
            Kind = isNegative ? RecordKind.Negative : RecordKind.Value,
            Payload = bytes,
            TimeToLive = TimeSpan.FromMinutes(5),
            HardTimeToLive = TimeSpan.FromMinutes(10),
            Sliding = _random.Next(4) == 0 ? TimeSpan.FromMinutes(2) : TimeSpan.Zero,
            Scopes = _random.Next(2) == 0 ? [] : [Scopes[_random.Next(Scopes.Length)]],
            Stamp = loadedAt.Sequence,
            Incarnation = loadedAt.Incarnation,
        };
    }

    private SharedKey Key() => new(_partition, Texts[_random.Next(Texts.Length)]);

    private LeaseAsk Ask(LeasePurpose purpose = LeasePurpose.Load) => new(NextNonce(), TimeSpan.FromMinutes(3), purpose);

    private Nonce NextNonce() => new(++_drawn, 0xA5A5_5A5A_0FF0_F00F);
}
