using System.Formats.Tar;

namespace Catalog.Data;

/// <summary>Where the software lists are read from: a folder of XML files, or the tar stream inside a Debian package.</summary>
internal static class ListSource
{
    private const string FolderInPackage = "usr/share/games/mame/hash/";

    /// <summary>Every list in a folder, in the order of the file names, so that product ids are the same on each import.</summary>
    public static IEnumerable<ReleaseList> FromFolder(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*.xml").Order(StringComparer.Ordinal))
        {
            using FileStream stream = File.OpenRead(file);
            if (SoftwareListReader.Read(stream) is { } list)
            {
                yield return list;
            }
        }
    }

    /// <summary>Every list of a package's file system archive, read as it streams by: nothing is unpacked to disk.</summary>
    public static IEnumerable<ReleaseList> FromTar(Stream archive)
    {
        using var tar = new TarReader(archive, leaveOpen: true);
        while (tar.GetNextEntry() is { } entry)
        {
            string name = entry.Name.TrimStart('.', '/');
            bool isList = name.StartsWith(FolderInPackage, StringComparison.Ordinal) && name.EndsWith(".xml", StringComparison.Ordinal);
            if (isList && entry.DataStream is { } data && SoftwareListReader.Read(data) is { } list)
            {
                yield return list;
            }
        }
    }
}
