namespace Millpond.Sessions;

/// <summary>What a session has seen: of some keys how far, and of all others how far together. Bounded; whoever uses it holds the session's gate.</summary>
internal sealed class SessionStamps
{
    private readonly List<HomePosition> _floors = [];

    // The newest last.
    private readonly List<SessionStamp> _keys = [];

    /// <summary>One for each home database: what every read must show.</summary>
    public IReadOnlyList<HomePosition> Floors => _floors;

    public IReadOnlyList<SessionStamp> Keys => _keys;

    public void Raise(HomePosition position)
    {
        var place = _floors.FindIndex(floor => floor.System == position.System);
        if (place < 0)
        {
            NeedsRoom(position.System);
            _floors.Add(position);
        }
        else if (!_floors[place].Reaches(position))
        {
            _floors[place] = position;
        }

        _keys.RemoveAll(stamp => position.Reaches(stamp.Position));
    }

    public void Add(ulong key, HomePosition position)
    {
        var place = _keys.FindIndex(stamp => stamp.Key == key && stamp.Position.System == position.System);
        if (place >= 0)
        {
            position = _keys[place].Position.Reaches(position) ? _keys[place].Position : position;
            _keys.RemoveAt(place);
        }

        if (_floors.Exists(floor => floor.Reaches(position)))
        {
            return;
        }

        NeedsRoom(position.System);
        _keys.Add(new SessionStamp(key, position));
        if (_keys.Count > Session.KeysMax)
        {
            var oldest = _keys[0];
            _keys.RemoveAt(0);
            Raise(oldest.Position);
        }
    }

    public IReadOnlyList<HomePosition> Required(ulong key)
    {
        List<HomePosition> required = [.. _floors];
        foreach (var stamp in _keys.Where(stamp => stamp.Key == key))
        {
            required.RemoveAll(floor => stamp.Position.Reaches(floor));
            required.Add(stamp.Position);
        }

        return required;
    }

    private void NeedsRoom(ulong system)
    {
        ulong[] known = [.. _floors.Select(floor => floor.System).Concat(_keys.Select(stamp => stamp.Position.System)).Distinct()];
        if (known.Length >= Session.SystemsMax && !known.Contains(system))
        {
            throw new MillpondException(ErrorCode.TooMany, $"A session has to do with more than {Session.SystemsMax} home databases (SystemsMax). Use a session of its own for what is kept in the others.");
        }
    }
}

/// <summary>How far a session has seen of one key.</summary>
/// <param name="Key">The key, as a number; two that share one wait for each other and no more.</param>
/// <param name="Position">The place.</param>
internal readonly record struct SessionStamp(ulong Key, HomePosition Position);
