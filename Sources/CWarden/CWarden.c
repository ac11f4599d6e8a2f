#include "CWarden.h"
