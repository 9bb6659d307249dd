using Millpond.FileJournal.Segments;
using Millpond.Journals;

namespace Millpond.FileJournal.Trails;

/// <summary>
/// The files of a trail: segments whose records are all settled, under another name, which has since when they are. So a record is written once, is settled by what the journal writes down anyway, and nothing is moved. Used by one committer at a time.
/// </summary>
internal sealed class KeptSegments(SegmentNames names, TrailOptions options, TimeProvider time)
{
    private readonly Queue<(string Path, long Since, long Bytes)> _files = new(names.AllKept().Select(one => (one.Path, one.Since, new FileInfo(one.Path).Length)));

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Keeps a segment whose records are all settled. Throws what the disk throws; then nothing has changed.</summary>
    public void Add(long number)
    {
        var (now, path) = (Now, names.KeptOf(number, Now));
        File.Move(names.Of(number), path, overwrite: true);
        _files.Enqueue((path, now, new FileInfo(path).Length));
    }

    /// <summary>Lets go of the oldest file, if it is past its age or there is too much. One each time: whoever commits waits for it.</summary>
    public void Prune()
    {
        if (_files.TryPeek(out var oldest) && (oldest.Since < Now - options.AgeMax.TotalMilliseconds || _files.Sum(file => file.Bytes) > options.BytesMax))
        {
            GiveWay();
        }
    }

    /// <summary>Lets go of the oldest file; false if there is none, or it cannot be deleted now.</summary>
    public bool GiveWay()
    {
        try
        {
            if (!_files.TryPeek(out var oldest))
            {
                return false;
            }

            File.Delete(oldest.Path);
            _files.Dequeue();
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
