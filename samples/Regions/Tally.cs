namespace Regions;

/// <summary>What the reads of one kind saw in one part of the run.</summary>
internal sealed class Tally
{
    private readonly List<double> _milliseconds = [];

    /// <summary>Reads that answered.</summary>
    public int Answered { get; private set; }

    /// <summary>Of those: how many showed what was there before the reader's own write.</summary>
    public int Old { get; private set; }

    /// <summary>Reads that were refused.</summary>
    public int Refused { get; private set; }

    public void Answer(bool isOld, TimeSpan took)
    {
        Answered++;
        Old += isOld ? 1 : 0;
        _milliseconds.Add(took.TotalMilliseconds);
    }

    public void Refuse() => Refused++;

    /// <summary>How long a share of the answers took at most; 0 without any.</summary>
    public double Milliseconds(double share) => _milliseconds.Count == 0 ? 0 : _milliseconds.Order().ElementAt(Math.Min(_milliseconds.Count - 1, (int)(_milliseconds.Count * share)));
}
