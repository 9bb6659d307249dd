namespace Millpond.Feeds.Applying;

/// <summary>
/// What has been applied once and may have been applied too early: transactions that reads may not show yet, in the order of their commits. Whatever comes behind one that is not visible waits with it, since
/// positions are confirmed in order.
/// </summary>
internal sealed class Unseen(RuleBook rules)
{
    // As many as a burst between two looks at the source has; past it the newest share a place, which only makes them wait for each other.
    private const int PlacesMax = 4_096;

    private readonly LinkedList<Place> _places = [];

    public bool IsEmpty => _places.Count == 0;

    public void Add(FeedPosition position, ChangeSet? changes, long? asOf)
    {
        if (_places.Count < PlacesMax)
        {
            _places.AddLast(new Place { Position = position, Changes = changes, AsOf = asOf });
            return;
        }

        var last = _places.Last!.Value;
        last.Position = position;
        last.AsOf = asOf ?? last.AsOf;
        if (changes is not null)
        {
            var both = new ChangeSet(rules);
            both.Add(changes);
            if (last.Changes is { } before)
            {
                both.Add(before);
            }

            last.Changes = both;
        }
    }

    /// <summary>Moves what is visible now to what is applied next, and with it what only stood behind it.</summary>
    public void MoveVisible(FeedPosition upTo, ToApply next)
    {
        while (_places.First is { } first && (first.Value.Changes is null || first.Value.Position.CompareTo(upTo) <= 0))
        {
            if (first.Value.Changes is { } changes)
            {
                next.Changes.Add(changes);
            }

            next.AsOf = first.Value.AsOf ?? next.AsOf;
            next.Final = first.Value.Position;
            _places.RemoveFirst();
        }
    }

    private sealed class Place
    {
        public required FeedPosition Position { get; set; }

        public required ChangeSet? Changes { get; set; }

        public required long? AsOf { get; set; }
    }
}
