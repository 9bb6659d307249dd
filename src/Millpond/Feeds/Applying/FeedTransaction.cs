namespace Millpond.Feeds.Applying;

/// <summary>A transaction as it is collected: what its rows touch, never the rows, so its size is bounded by rules and not by how much was written.</summary>
internal sealed class FeedTransaction(RuleBook rules, Action<FeedDoubt> alarm) : IFeedTransaction
{
    private readonly int[] _rowsOf = new int[rules.RulesCount];

    public ChangeSet Changes { get; } = new(rules);

    public int Rows { get; private set; }

    /// <summary>Makes it empty again, for the next one.</summary>
    public void Clear()
    {
        Rows = 0;
        Array.Clear(_rowsOf);
        Changes.Clear();
    }

    public void Add(in RowChange row)
    {
        Rows++;
        foreach (var place in rules.Of(row.Table))
        {
            Apply(place, row);
        }
    }

    public void Doubt(FeedDoubt doubt)
    {
        foreach (var target in rules.Concerned(doubt.Table))
        {
            Changes.Of(target).AddDoubt();
        }

        alarm(doubt);
    }

    /// <summary>Everything of one keyspace, for a reason that is not the feed's own.</summary>
    public void DoubtOf(int target, FeedDoubtReason reason)
    {
        var keyspace = rules.Targets[target].Keyspace;
        Changes.Of(target).AddDoubt();
        alarm(new FeedDoubt(null, reason, reason switch
        {
            FeedDoubtReason.Gap => $"The source goes on past what keyspace '{keyspace}' was last told: somebody else confirmed it, or made its place anew.",
            FeedDoubtReason.OtherHistory => $"The source that keyspace '{keyspace}' follows is in another history: it was restored, or another one has taken its place.",
            FeedDoubtReason.Beginning => $"The shared tier holds no word of this feed about keyspace '{keyspace}': it is followed for the first time.",
            _ => $"The life of the shared tier that keyspace '{keyspace}' is in is another one than the feed has told of its changes.",
        }));
    }

    private void Apply(RulePlace place, in RowChange row)
    {
        var (target, touched) = (rules.Targets[place.Target], Changes.Of(place.Target));
        if (touched.IsAll)
        {
            return;
        }

        if (++_rowsOf[place.Number] > target.Rules[place.Rule].RowsMax)
        {
            target.ApplyMany(place.Rule, touched);
            return;
        }

        try
        {
            target.Apply(place.Rule, row, touched);
        }
        catch (Exception failure)
        {
            // The rule is the application's code: whatever it throws, the row is not skipped (A20).
            touched.AddDoubt();
            alarm(new FeedDoubt(row.Table, FeedDoubtReason.Mapping, $"The rule of keyspace '{target.Keyspace}' for {row.Table} failed on a row: {failure.Message}", failure));
        }
    }
}
