@echo off
rem Starts IT-Prompt on Windows: finds a JDK, builds target\itprompt.jar when it is missing or older than the sources, runs it.
rem
rem   ITPROMPT_JAVA_HOME   the JDK to use (default: JAVA_HOME, java on the PATH, the usual install folders)
rem   ITPROMPT_JAVA_OPTS   further options for the JVM, separated by blanks, for example "-Xmx2g"
rem
rem Exit codes: those of the program; 1 if the build fails; 2 if there is no usable JDK.
setlocal EnableExtensions DisableDelayedExpansion

set "NEEDED=25.0.3"
set "ROOT=%~dp0"
set "JAR=%ROOT%target\itprompt.jar"
set "JDK="
set "FOUND="

if defined ITPROMPT_JAVA_HOME (
    call :consider "%ITPROMPT_JAVA_HOME%"
    if not defined JDK goto :nojdk
)
if not defined JDK if defined JAVA_HOME call :consider "%JAVA_HOME%"
if not defined JDK for /f "delims=" %%J in ('where java 2^>nul') do if not defined JDK call :consider "%%~dpJ.."
if not defined JDK for %%R in ("%ProgramFiles%\Java" "%ProgramFiles%\Eclipse Adoptium" "%ProgramFiles%\Microsoft" "%ProgramFiles%\Zulu" "%ProgramFiles%\BellSoft" "%USERPROFILE%\.jdks" "%USERPROFILE%\.sdkman\candidates\java") do (
    if exist "%%~R\" for /d %%D in ("%%~R\*") do if not defined JDK call :consider "%%~fD"
)
if not defined JDK goto :nojdk

call :uptodate
if errorlevel 1 (
    call :build
    if errorlevel 1 exit /b 1
)

rem Java reads words in Windows' code page; the program refuses those that it lacks, which only the environment still has.
set ITPROMPT_WORDS=%*
"%JDK%\bin\java.exe" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -XX:Tier3DelayOn=1000000 -XX:MaxDirectMemorySize=1t -XX:+UseSerialGC %ITPROMPT_JAVA_OPTS% -cp "%JAR%" dev.itprompt.cli.Main %*
exit /b %ERRORLEVEL%

:nojdk
if not defined FOUND set "FOUND=none"
>&2 echo itprompt: needs a JDK %NEEDED% or newer; found %FOUND% (looked at ITPROMPT_JAVA_HOME, JAVA_HOME, java on the PATH, Program Files, .jdks, .sdkman); install one, or set ITPROMPT_JAVA_HOME to its folder
exit /b 2

rem --- Takes the JDK in folder %1 if its release file names a version that will do.
:consider
if not exist "%~1\bin\java.exe" exit /b 0
set "VERSION="
if exist "%~1\release" for /f "usebackq tokens=1,* delims==" %%A in ("%~1\release") do if "%%A"=="JAVA_VERSION" set "VERSION=%%~B"
if not defined VERSION set "VERSION=0"
for /f "tokens=1-3 delims=.-+_" %%A in ("%VERSION%.0.0") do (
    set "MAJOR=%%A"
    set "MINOR=%%B"
    set "PATCH=%%C"
)
set "ENOUGH="
if %MAJOR% GTR 25 set "ENOUGH=1"
if %MAJOR% EQU 25 if %MINOR% GTR 0 set "ENOUGH=1"
if %MAJOR% EQU 25 if %MINOR% EQU 0 if %PATCH% GEQ 3 set "ENOUGH=1"
if defined ENOUGH (
    set "JDK=%~f1"
    exit /b 0
)
if defined FOUND (set "FOUND=%FOUND%, %VERSION% in %~f1") else (set "FOUND=%VERSION% in %~f1")
exit /b 0

rem --- Status 0 if the jar is there and no source is newer.
:uptodate
if not exist "%JAR%" exit /b 1
powershell -NoProfile -Command "$jar = (Get-Item -LiteralPath $env:JAR).LastWriteTimeUtc; $sources = 'pom.xml','src\main','src\build','weights-converter','kernels' | ForEach-Object { Join-Path $env:ROOT $_ } | Where-Object { Test-Path -LiteralPath $_ }; if (Get-ChildItem -LiteralPath $sources -Recurse -File | Where-Object { $_.LastWriteTimeUtc -gt $jar } | Select-Object -First 1) { exit 1 }"
exit /b %ERRORLEVEL%

:build
>&2 echo itprompt: building target\itprompt.jar (log: target\build.log)
if not exist "%ROOT%target\" mkdir "%ROOT%target"
set "JAVA_HOME=%JDK%"
pushd "%ROOT%"
call mvnw.cmd -q -B -Dmaven.test.skip package >target\build.log 2>&1
set "STATUS=%ERRORLEVEL%"
popd
if "%STATUS%"=="0" exit /b 0
>&2 echo itprompt: the build failed; see %ROOT%target\build.log
exit /b 1
