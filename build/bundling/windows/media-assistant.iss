; Not run by the project's own tests, which have no Windows. Inno Setup 6.3 or later:
;   iscc /DVersion=0.1.0 build\bundling\windows\media-assistant.iss
; /DSource and /DOut name other folders; they are whole paths, or start from this file's folder.
; With a certificate, which the programs are then signed by too: iscc /DSign "/Ssigner=signtool sign /fd SHA256 /tr http://timestamp.digicert.com /td SHA256 /a $f" …
#ifndef Version
  #error Say the version: /DVersion=0.1.0
#endif
#ifndef Source
  #define Source "..\..\..\out\bundle\dist\media-assistant"
#endif
#ifndef Out
  #define Out "..\..\..\out\bundle"
#endif
; /DVariant=-cuda for the bundle with NVIDIA's part of the networks' runtime.
#ifndef Variant
  #define Variant ""
#endif
#ifdef Sign
  #define Signing " signonce"
#else
  #define Signing ""
#endif
#define Publisher(str Field) ReadIni(SourcePath + "\..\publisher.ini", "publisher", Field)
#define AppUserModelId Publisher("app_id")

[Setup]
; Never change it: Windows knows the program by it, and replaces an older version.
AppId={{6B5E0C1E-3F0B-4B7B-9E0E-6D7C2A9E41F2}
AppName=Media Assistant
AppVersion={#Version}
AppPublisher={#Publisher("name")}
AppPublisherURL={#Publisher("homepage")}
DefaultDirName={autopf}\Media Assistant
DefaultGroupName=Media Assistant
DisableProgramGroupPage=yes
; For this person alone, without an administrator's word.
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
OutputDir={#Out}
OutputBaseFilename=media-assistant{#Variant}-{#Version}-windows-x86_64
SetupIconFile=..\..\..\out\bundle\icons\media-assistant.ico
UninstallDisplayIcon={app}\MediaAssistant.exe
UninstallDisplayName=Media Assistant
LicenseFile={#Source}\LICENSE.txt
Compression=lzma2/fast
SolidCompression=yes
WizardStyle=modern
ChangesAssociations=yes
ChangesEnvironment=yes
CloseApplications=yes
#ifdef Sign
SignTool=signer
SignedUninstaller=yes
#endif

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "desktop"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "openwith"; Description: "Offer Media Assistant under ""Open with"" for videos, audio, photos and texts"
Name: "path"; Description: "Use ""media-assistant"" in terminals"; Flags: unchecked

[InstallDelete]
; What an older version brought and this one does not.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
; Apart, for these two are ours to sign: antivirus programs mistrust what nobody signed.
Source: "{#Source}\*.exe"; DestDir: "{app}"; Flags: ignoreversion{#Signing}
Source: "{#Source}\*"; Excludes: "\*.exe"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{group}\Media Assistant"; Filename: "{app}\MediaAssistant.exe"; AppUserModelID: "{#AppUserModelId}"
Name: "{autodesktop}\Media Assistant"; Filename: "{app}\MediaAssistant.exe"; Tasks: desktop

[Registry]
Root: HKA; Subkey: "Software\Classes\MediaAssistant.File"; ValueType: string; ValueData: "Media Assistant"; Flags: uninsdeletekey; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\MediaAssistant.File\DefaultIcon"; ValueType: string; ValueData: "{app}\MediaAssistant.exe,0"; Tasks: openwith
Root: HKA; Subkey: "Software\Classes\MediaAssistant.File\shell\open\command"; ValueType: string; ValueData: """{app}\MediaAssistant.exe"" ""%1"""; Tasks: openwith
#define Offer(str Ending) "Root: HKA; Subkey: ""Software\Classes\" + Ending + "\OpenWithProgids""; ValueType: string; ValueName: ""MediaAssistant.File""; ValueData: """"; Flags: uninsdeletevalue; Tasks: openwith"
#emit Offer(".mp4")
#emit Offer(".mkv")
#emit Offer(".mov")
#emit Offer(".webm")
#emit Offer(".avi")
#emit Offer(".mp3")
#emit Offer(".m4a")
#emit Offer(".flac")
#emit Offer(".ogg")
#emit Offer(".wav")
#emit Offer(".jpg")
#emit Offer(".jpeg")
#emit Offer(".png")
#emit Offer(".webp")
#emit Offer(".heic")
#emit Offer(".txt")
#emit Offer(".md")
#emit Offer(".pdf")
#emit Offer(".epub")
#emit Offer(".docx")
#emit Offer(".srt")
Root: HKCU; Subkey: "Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Check: IsNotOnPath; Tasks: path

[Run]
Filename: "{app}\MediaAssistant.exe"; Description: "{cm:LaunchProgram,Media Assistant}"; Flags: nowait postinstall skipifsilent

[Code]
function IsNotOnPath: Boolean;
var
  Before: String;
begin
  Result := not (RegQueryStringValue(HKCU, 'Environment', 'Path', Before)
    and (Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Before) + ';') > 0));
end;

{ The library and the models are the person's, and stay; the path is ours, and goes. }
procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Before: String;
begin
  if (Step = usPostUninstall) and RegQueryStringValue(HKCU, 'Environment', 'Path', Before) then
  begin
    StringChangeEx(Before, ';' + ExpandConstant('{app}'), '', True);
    RegWriteExpandStringValue(HKCU, 'Environment', 'Path', Before);
  end;
end;
